import { stringify } from "yaml";
import { ensureAuthority, ensureCertificate } from "../certificates";
import type { Component, StartContext } from "../component";
import { ensureDirectory, writePrivateFile } from "../files";
import { writeKubeconfig } from "../kubeconfig";
import { loopbackAddress } from "../network";
import { authorities } from "../pki";
import { probe } from "../probe";
import { mountShared } from "./mounts";
import { clusterDomain, dnsAddress, nodeAddress, nodeFolders, nodeName, podCgroup, runtimePlaces } from "./places";

const credential = "kubelet";

/** Settings of the kubelet (`kubelet.config.k8s.io/v1beta1`). */
function configuration({ layout, port }: StartContext): object {
  const folders = nodeFolders(layout);
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: nodeAddress,
    port: port("kubelet"),
    readOnlyPort: 0,
    healthzBindAddress: loopbackAddress,
    healthzPort: port("kubelet-health"),
    authentication: {
      anonymous: { enabled: false },
      x509: { clientCAFile: layout.certificate(authorities.cluster) },
      webhook: { enabled: true },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: layout.certificate(credential),
    tlsPrivateKeyFile: layout.key(credential),
    containerRuntimeEndpoint: `unix://${runtimePlaces.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${podCgroup}`,
    // Machines with version 1 of the interface still exist, and what is tested here does not depend on it.
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [dnsAddress],
    clusterDomain,
    podLogsDir: folders.podLogs,
    volumePluginDir: folders.volumePlugins,
    // Images come from the importer only: none may be removed for lack of space, since none can be pulled again.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
    maxPods: 60,
    serializeImagePulls: false,
    shutdownGracePeriod: "0s",
  };
}

/** Runs the pods of the real node. */
export const kubelet: Component = {
  name: "kubelet",
  // After the packet filter: a pod that starts before it is enforced would be open for a moment.
  startsAfter: ["real node images", "real node objects", "kube-router", "kube-proxy"],
  ports: ["kubelet", "kubelet-health"],
  executable: ({ tools }) => tools.path("kubelet"),
  args: ({ layout }) => {
    const folders = nodeFolders(layout);
    return [
      `--config=${layout.config("kubelet.yaml")}`,
      `--kubeconfig=${layout.kubeconfig("kubelet")}`,
      `--hostname-override=${nodeName}`,
      `--node-ip=${nodeAddress}`,
      `--root-dir=${runtimePlaces.kubelet}`,
      `--cert-dir=${folders.kubeletCertificates}`,
    ];
  },
  prepare: async (context) => {
    const { layout } = context;
    const { kubelet: folder } = nodeFolders(layout);
    ensureDirectory(folder);
    await mountShared(folder, runtimePlaces.kubelet);
    const authority = await ensureAuthority(layout, authorities.cluster);
    const identity = await ensureCertificate(layout, credential, authority, {
      // Name and group by which the API server's node authorizer knows a kubelet and limits it to its own node.
      commonName: `system:node:${nodeName}`,
      organizations: ["system:nodes"],
      client: true,
      hosts: [nodeName, nodeAddress, loopbackAddress],
    });
    const config = layout.config("kubelet.yaml");
    writePrivateFile(config, stringify(configuration(context)));
    return [config, writeKubeconfig(layout.kubeconfig("kubelet"), layout, context.server(), identity)];
  },
  ready: ({ layout, port }) => probe(layout, `http://${loopbackAddress}:${port("kubelet-health")}/healthz`),
};
