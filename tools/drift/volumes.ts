import {
  CoreV1Api,
  type KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1PersistentVolume,
} from "@kubernetes/client-node";

/** Whatever the platform declares, see `platformLabels`. */
const platforms = "app.kubernetes.io/part-of=ollama-platform";

/**
 * Lets the platform's volumes be bound again whose claims are gone. Each is declared for one claim, by namespace and name; once bound, the
 * cluster keeps it for that very object, also when another one of the name is made: after a destroy that was killed, or a deletion by hand.
 *
 * @returns One line for each volume.
 */
export async function freeVolumes(config: KubeConfig): Promise<string[]> {
  const core = config.makeApiClient(CoreV1Api);
  const { items } = await core.listPersistentVolume({ labelSelector: platforms });
  const options = setHeaderOptions("Content-Type", PatchStrategy.JsonPatch);
  const kept = items.filter(isKept);
  for (const volume of kept) {
    const name = volume.metadata?.name ?? "";
    await core.patchPersistentVolume({ name, body: withoutClaim(volume) }, options);
  }
  return kept.map(({ metadata, spec }) => {
    const { namespace, name } = spec?.claimRef ?? {};
    return `volume ${metadata?.name} is free again for the claim ${namespace}/${name}: the one that it was bound to is gone`;
  });
}

const isKept = ({ metadata, spec, status }: V1PersistentVolume): boolean =>
  metadata?.deletionTimestamp === undefined && status?.phase === "Released" && spec?.claimRef?.uid !== undefined;

/** The change that leaves the claim's namespace and name; it does nothing to a volume that was bound meanwhile. */
function withoutClaim({ spec }: V1PersistentVolume): object[] {
  const { uid, resourceVersion } = spec?.claimRef ?? {};
  const at = (field: string) => `/spec/claimRef/${field}`;
  return [
    { op: "test", path: at("uid"), value: uid },
    { op: "remove", path: at("uid") },
    ...(resourceVersion === undefined ? [] : [{ op: "remove", path: at("resourceVersion") }]),
  ];
}
