import { ensureAuthority, ensureCertificate } from "../certificates";
import type { Component } from "../component";
import { authorities } from "../pki";
import { probe } from "../probe";
import { nodeKubeconfig } from "./network";
import { metricsService } from "./objects";
import { nodeAddress } from "./places";

const serverCredential = "metrics-server-server";

/** Collects CPU and memory use from the kubelet and serves it as `metrics.k8s.io`, which the autoscaler reads. */
export const metricsServer: Component = {
  name: "metrics-server",
  startsAfter: ["kubelet"],
  ports: ["metrics-server"],
  executable: ({ tools }) => tools.path("metrics-server"),
  args: ({ layout, port }) => [
    ...["kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig"].map(
      (flag) => `--${flag}=${layout.kubeconfig("metrics-server")}`,
    ),
    `--bind-address=${nodeAddress}`,
    `--secure-port=${port("metrics-server")}`,
    `--tls-cert-file=${layout.certificate(serverCredential)}`,
    `--tls-private-key-file=${layout.key(serverCredential)}`,
    `--kubelet-certificate-authority=${layout.certificate(authorities.cluster)}`,
    "--kubelet-preferred-address-types=InternalIP",
    "--kubelet-use-node-status-port",
    // The shortest that it takes: an autoscaler in a test should not wait a minute to see a load.
    "--metric-resolution=10s",
    "--kubelet-request-timeout=5s",
  ],
  prepare: async (context) => {
    const { layout } = context;
    const authority = await ensureAuthority(layout, authorities.cluster);
    const hosts = [`${metricsService.name}.${metricsService.namespace}.svc`, nodeAddress];
    await ensureCertificate(layout, serverCredential, authority, { commonName: "metrics-server", hosts });
    return [await nodeKubeconfig(context, "metrics-server"), layout.certificate(serverCredential)];
  },
  ready: ({ layout, port }) =>
    probe(layout, `https://${nodeAddress}:${port("metrics-server")}/livez`, {
      authority: authorities.cluster,
      client: "metrics-server",
    }),
};
