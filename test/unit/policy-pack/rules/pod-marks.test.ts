/** Annotations and labels by which something other than Kubernetes changes a pod. */
import { describeRule, type Break } from "../breaks";
import { find, hrPod, type Loose } from "../fixture";

const template = (objects: Loose[]) => find(objects, "Deployment", "ollama", "tenant-hr").spec.template;
const mark =
  (key: string, value: unknown, field = "annotations") =>
  (objects: Loose[]) => {
    const { metadata } = template(objects);
    metadata[field] = { ...metadata[field], [key]: value };
  };
const refused = (key: string, value: unknown = "x", field = "annotations"): Break => ({
  title: `the ${field.slice(0, -1)} ${key}: ${String(value)}`,
  apply: mark(key, value, field),
  object: "Deployment tenant-hr/ollama",
  field: `spec.template.metadata.${field}["${key}"]`,
});
/** A pod of its own with an annotation. */
const single =
  (key: string, more: object = {}) =>
  (objects: Loose[]) =>
    objects.push({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "one", namespace: "tenant-hr", annotations: { [key]: "x" }, ...more },
      spec: structuredClone(hrPod(objects)),
    });
const controlled = { ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "u" }] };

describeRule(
  "pods/marks",
  [
    ...[
      "k8s.v1.cni.cncf.io/networks",
      "v1.multus-cni.io/default-network",
      "cni.projectcalico.org/floatingIPs",
      "cni.projectcalico.org/ipAddrs",
      "ipam.cilium.io/ip-pool",
      "ovn.kubernetes.io/ip_address",
      "io.kubernetes.cri-o.userns-mode",
      "io.kubernetes.cri.untrusted-workload",
      "io.katacontainers.config.hypervisor.kernel_params",
      "run.oci.keep_original_groups",
      "org.systemd.property.DeviceAllow",
      "dev.gvisor.internal.nvproxy",
      "iam.amazonaws.com/role",
      "sidecar.istio.io/inject",
      "linkerd.io/inject",
      "vault.hashicorp.com/agent-inject",
      "instrumentation.opentelemetry.io/inject-python",
    ].map((key) => refused(key)),
    refused("sidecar.istio.io/inject", "true", "labels"),
    refused("azure.workload.identity/use", "true", "labels"),
    refused("aadpodidbinding", "finance", "labels"),
    {
      title: "one on a Pod",
      apply: single("k8s.v1.cni.cncf.io/networks"),
      object: "Pod tenant-hr/one",
      field: 'metadata.annotations["k8s.v1.cni.cncf.io/networks"]',
    },
  ],
  [
    { title: "a mesh that is told to stay away", apply: mark("sidecar.istio.io/inject", "false") },
    { title: "another that is", apply: mark("linkerd.io/inject", "disabled") },
    { title: "notes", apply: mark("example.com/team", "hr") },
    { title: "a scraped port", apply: mark("prometheus.io/port", "9901") },
    { title: "a pod that stays on its node", apply: mark("karpenter.sh/do-not-disrupt", "true") },
    { title: "what a network plugin has written on a Pod", apply: single("k8s.v1.cni.cncf.io/network-status") },
    { title: "what a Pod has from its controller", apply: single("iam.amazonaws.com/role", controlled) },
  ],
);
