import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";

/** Identity of the cluster behind a kubeconfig: the UID of its namespace `kube-system`. Throws when it cannot be asked. */
export async function identityOf(kubeconfig: string): Promise<string> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const { metadata } = await config.makeApiClient(CoreV1Api).readNamespace({ name: "kube-system" });
  if (metadata?.uid === undefined) throw new Error(`${kubeconfig}: the namespace kube-system has no UID`);
  return metadata.uid;
}
