import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { ObjectApi } from "../../verifier/drift/api";

/** Identity of the cluster behind a kubeconfig: the UID of its namespace `kube-system`. Throws when it cannot be asked. */
export async function identityOf(kubeconfig: string): Promise<string> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const { metadata } = await config.makeApiClient(CoreV1Api).readNamespace({ name: "kube-system" });
  if (metadata?.uid === undefined) throw new Error(`${kubeconfig}: the namespace kube-system has no UID`);
  return metadata.uid;
}

/** The same, of a cluster that is connected to already; undefined when it has no such namespace. Throws ApiError when it may not be asked. */
export async function connectedIdentity(api: ObjectApi): Promise<string | undefined> {
  const system = await api.read({ apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system" } });
  return system?.metadata["uid"] as string | undefined;
}
