import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions, type V1Pod } from "@kubernetes/client-node";
import { createHash } from "node:crypto";
import { TENANT_LABEL } from "../../components/plan/labels";
import { TENANT_OBJECT } from "../../components/spec/names";

/** Annotation of a server's pod: a digest of the versions of the Secrets that it was last told of. */
export const secretsVersion = "ollama-platform.io/secrets-version";

/**
 * Lets every gateway take its Secrets as they are now: its policy with the keys' hashes and the limits, its issuers, its certificate. A
 * kubelet looks at a pod's Secrets about once a minute by itself, and at once when the pod's annotations change.
 *
 * @returns Number of the pods that were told.
 */
export async function syncPods(kubeconfig: string): Promise<number> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const { items } = await core.listNamespace({ labelSelector: TENANT_LABEL });
  const told = await Promise.all(items.map(({ metadata }) => syncNamespace(core, metadata?.name ?? "")));
  return told.reduce((sum, number) => sum + number, 0);
}

async function syncNamespace(core: CoreV1Api, namespace: string): Promise<number> {
  const [secrets, pods] = await Promise.all([
    core.listNamespacedSecret({ namespace }),
    core.listNamespacedPod({ namespace }),
  ]);
  const versions = new Map(
    secrets.items.map(({ metadata }) => [metadata?.name ?? "", metadata?.resourceVersion ?? ""]),
  );
  const options = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
  let told = 0;
  for (const pod of pods.items) {
    const used = secretsOf(pod);
    const version = digest(used.map((name) => `${name}:${versions.get(name) ?? ""}`));
    const isServer = used.includes(TENANT_OBJECT.gatewayPolicy);
    if (!isServer || pod.metadata?.annotations?.[secretsVersion] === version) continue;
    const body = { metadata: { annotations: { [secretsVersion]: version } } };
    await core.patchNamespacedPod({ namespace, name: pod.metadata?.name ?? "", body }, options);
    told++;
  }
  return told;
}

const secretsOf = ({ spec }: V1Pod): string[] =>
  (spec?.volumes ?? []).flatMap(({ secret }) => secret?.secretName ?? []);

const digest = (versions: string[]): string => createHash("sha256").update(versions.join()).digest("hex").slice(0, 16);
