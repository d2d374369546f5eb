import { ensureAuthority, ensureCertificate } from "../certificates";
import type { Component, StartContext } from "../component";
import { writeKubeconfig } from "../kubeconfig";
import { loopbackAddress, podCidr, serviceCidr } from "../network";
import { authorities } from "../pki";
import { probe } from "../probe";
import { command } from "./command";
import { nodeName } from "./places";

/** Users of the node's programs, by the names that RBAC rules of Kubernetes and of this cluster give rights to. */
export const nodeUsers = {
  "kube-proxy": "system:kube-proxy",
  "kube-router": "local-cluster:kube-router",
  "metrics-server": "local-cluster:metrics-server",
} as const;

/** Writes the kubeconfig of a program of the node, with a certificate for its user, and returns its path. */
export async function nodeKubeconfig(context: StartContext, program: keyof typeof nodeUsers): Promise<string> {
  const { layout } = context;
  const authority = await ensureAuthority(layout, authorities.cluster);
  const request = { commonName: nodeUsers[program], client: true };
  const credential = await ensureCertificate(layout, program, authority, request);
  return writeKubeconfig(layout.kubeconfig(program), layout, context.server(), credential);
}

/** Leads connections to Services to their pods. */
export const kubeProxy: Component = {
  name: "kube-proxy",
  startsAfter: ["real node objects"],
  ports: ["kube-proxy-health", "kube-proxy-metrics"],
  executable: ({ tools }) => tools.path("kube-proxy"),
  args: ({ layout, port }) => [
    `--kubeconfig=${layout.kubeconfig("kube-proxy")}`,
    `--hostname-override=${nodeName}`,
    "--proxy-mode=iptables",
    `--cluster-cidr=${podCidr}`,
    `--healthz-bind-address=${loopbackAddress}:${port("kube-proxy-health")}`,
    `--metrics-bind-address=${loopbackAddress}:${port("kube-proxy-metrics")}`,
    // The machine's own limits for connection tracking stay, and node ports are not opened on loopback.
    "--conntrack-max-per-core=0",
    "--conntrack-tcp-timeout-established=0",
    "--conntrack-tcp-timeout-close-wait=0",
    "--iptables-localhost-nodeports=false",
    "--oom-score-adj=0",
  ],
  prepare: async (context) => [await nodeKubeconfig(context, "kube-proxy")],
  ready: ({ layout, port }) => probe(layout, `http://${loopbackAddress}:${port("kube-proxy-health")}/healthz`),
};

/** Enforces the network policies, with packet filter rules on this machine. */
export const kubeRouter: Component = {
  name: "kube-router",
  startsAfter: ["real node objects"],
  ports: ["kube-router-health"],
  executable: ({ tools }) => tools.path("kube-router"),
  args: ({ layout, port }) => [
    `--kubeconfig=${layout.kubeconfig("kube-router")}`,
    `--hostname-override=${nodeName}`,
    "--run-firewall=true",
    "--run-router=false",
    "--run-service-proxy=false",
    "--run-loadbalancer=false",
    "--enable-cni=false",
    `--service-cluster-ip-range=${serviceCidr}`,
    "--iptables-sync-period=10s",
    "--metrics-port=0",
    `--health-port=${port("kube-router-health")}`,
  ],
  // It looks for its node by name unless this is set, and the machine's own name is another.
  environment: () => ({ NODE_NAME: nodeName }),
  prepare: async (context) => [await nodeKubeconfig(context, "kube-router")],
  ready: async ({ layout, port }) => {
    await probe(layout, `http://${loopbackAddress}:${port("kube-router-health")}/healthz`);
    const rules = await command("iptables", ["-S", "FORWARD"]);
    if (!rules.includes("KUBE-ROUTER-FORWARD")) throw new Error("its chain is not in the packet filter yet");
  },
};
