import { readFileSync } from "node:fs";
import { coreDnsImage } from "../../images/names";
import type { Manifest } from "../api";
import { clusterDomain, dnsAddress, nodeName } from "./places";

const namespace = "kube-system";
const name = "coredns";
/** Label by which clusters made by common installers mark the pods that answer DNS; network policies select it. */
const labels = { "k8s-app": "kube-dns" };

/** Whether the machine has a name server that pods can be referred to: one on loopback would be the pod's own. */
function hasUpstream(): boolean {
  const lines = readFileSync("/etc/resolv.conf", "utf8").split("\n");
  return lines.some((line) => /^nameserver\s+(?!127\.|::1)/.test(line));
}

function corefile(): string {
  const forward = hasUpstream() ? ["    forward . /etc/resolv.conf"] : [];
  return [
    ".:53 {",
    "    errors",
    "    health",
    "    ready",
    `    kubernetes ${clusterDomain} in-addr.arpa {`,
    "        ttl 5",
    "    }",
    ...forward,
    "    cache 5",
    "}",
    "",
  ].join("\n");
}

const rbac = "rbac.authorization.k8s.io";

const deployment: Manifest = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        priorityClassName: "system-cluster-critical",
        // Simulated nodes run no process, and so answer nothing.
        nodeSelector: { "kubernetes.io/hostname": nodeName },
        tolerations: [{ operator: "Exists" }],
        dnsPolicy: "Default",
        containers: [
          {
            name,
            image: coreDnsImage,
            imagePullPolicy: "Never",
            args: ["-conf", "/etc/coredns/Corefile"],
            ports: [
              { name: "dns", containerPort: 53, protocol: "UDP" },
              { name: "dns-tcp", containerPort: 53, protocol: "TCP" },
            ],
            readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 2 },
            // No request of CPU: a small machine has none to spare beside the tenants.
            resources: { requests: { memory: "32Mi" }, limits: { memory: "128Mi" } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
              readOnlyRootFilesystem: true,
            },
            volumeMounts: [{ name: "config", mountPath: "/etc/coredns", readOnly: true }],
          },
        ],
        volumes: [{ name: "config", configMap: { name } }],
      },
    },
  },
};

/** CoreDNS as a pod of the real node, under the names that installers use. */
export const coreDnsObjects: readonly Manifest[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRole",
    metadata: { name: "local-cluster:coredns" },
    rules: [
      { apiGroups: [""], resources: ["endpoints", "services", "pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ],
  },
  {
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "local-cluster:coredns" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "local-cluster:coredns" },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  },
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data: { Corefile: corefile() } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kube-dns", namespace, labels },
    spec: {
      clusterIP: dnsAddress,
      selector: labels,
      ports: [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
    },
  },
  deployment,
];
