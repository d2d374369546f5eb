/**
 * Annotations and labels of pods by which something other than Kubernetes changes them: network plugins, container runtimes,
 * and webhooks that add containers or identities. Sources: the documentation of each.
 */

/** What a mark does, by the beginning of its key. */
const harms: readonly (readonly [harm: string, keys: readonly string[]])[] = [
  [
    "attaches the pod to another network or address, past every NetworkPolicy",
    [
      "k8s.v1.cni.cncf.io/",
      "v1.multus-cni.io/",
      "cni.projectcalico.org/",
      "ipam.cilium.io/",
      "ovn.kubernetes.io/",
      "k8s.ovn.org/",
      "networking.gke.io/",
      "networkservicemesh.io/",
      "kubevirt.io/",
    ],
  ],
  [
    "tells the container runtime to run the pod in another way than its declaration says",
    [
      "io.kubernetes.cri-o.",
      "io.kubernetes.cri.",
      "io.containerd.",
      "io.katacontainers.",
      "run.oci.",
      "org.systemd.property.",
      "dev.gvisor.",
      "cpu-load-balancing.crio.io",
      "cpu-quota.crio.io",
      "irq-load-balancing.crio.io",
      "seccomp-profile.kubernetes.cri-o.io",
    ],
  ],
  [
    "gives the pod an identity of the cloud",
    ["iam.amazonaws.com/", "iam.cloud.google.com/", "aadpodidbinding", "azure.workload.identity/"],
  ],
  [
    "has a webhook add containers, volumes or variables that nobody has judged",
    [
      "sidecar.istio.io/",
      "inject.istio.io/",
      "proxy.istio.io/",
      "traffic.sidecar.istio.io/",
      "linkerd.io/",
      "config.linkerd.io/",
      "vault.hashicorp.com/",
      "consul.hashicorp.com/",
      "kuma.io/",
      "openservicemesh.io/",
      "dapr.io/",
      "instrumentation.opentelemetry.io/",
      "sidecar.opentelemetry.io/",
      "admission.datadoghq.com/",
      "sidecar.jaegertracing.io/",
    ],
  ],
];

/** What network plugins write on pods themselves, which asks for nothing. */
const written =
  /^(k8s\.v1\.cni\.cncf\.io\/network(s)?-status|cni\.projectcalico\.org\/(podIPs?|containerID)|k8s\.ovn\.org\/pod-networks)$/;

/** Values by which people keep something from being done to a pod. */
const refusing = /^(false|disabled|no|off)$/i;

/** What an annotation or label does to its pod, as a clause; undefined for one that does nothing to it. */
export function harmOfMark(key: string, value: unknown): string | undefined {
  if (written.test(key) || refusing.test(String(value))) return undefined;
  return harms.find(([, keys]) => keys.some((beginning) => key.startsWith(beginning)))?.[0];
}
