import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  KubeConfig,
  type V1Namespace,
  type V1ObjectMeta,
} from "@kubernetes/client-node";

/** Conditions of a namespace that is being deleted which say what it waits for. */
const waiting = ["NamespaceFinalizersRemaining", "NamespaceContentRemaining", "NamespaceDeletionContentFailure"];

/**
 * What namespaces wait for that are being deleted, one line for each namespace and reason.
 *
 * @param namespaces All namespaces as they are.
 * @param now Time in milliseconds.
 * @param patience Milliseconds that a deletion may take without a word.
 */
export function blockedDeletions(namespaces: readonly V1Namespace[], now: number, patience: number): string[] {
  return namespaces
    .filter(({ metadata }) => now - (metadata?.deletionTimestamp?.getTime() ?? now) >= patience)
    .flatMap(({ metadata, status }) =>
      (status?.conditions ?? [])
        .filter(({ type, status: is }) => is === "True" && waiting.includes(type))
        .map(({ message }) => `namespace ${metadata?.name} is not deleted yet: ${message ?? ""}`),
    );
}

/** An object with its kind. */
interface Named {
  kind: string;
  metadata?: V1ObjectMeta;
}

/** Finalizer by which an object waits for what it owns: servers that finish their answers. */
const ownParts = "foregroundDeletion";

/** Which finalizers hold objects that are being deleted, one line for each object. Parameters as for `blockedDeletions`. */
export function heldObjects(objects: readonly Named[], now: number, patience: number): string[] {
  return objects.flatMap(({ kind, metadata }) => {
    const finalizers = (metadata?.finalizers ?? []).filter((name) => name !== ownParts);
    if (finalizers.length === 0 || now - (metadata?.deletionTimestamp?.getTime() ?? now) < patience) return [];
    return [
      `${kind} ${metadata?.namespace}/${metadata?.name} is not deleted yet: finalizers remaining: ${finalizers.join(", ")}`,
    ];
  });
}

const [patienceMilliseconds, intervalMilliseconds] = [5_000, 5_000];

/** What a watch over deletions has seen. */
export interface DeletionWatch {
  /** Ends the watch. Returns what is still blocked. */
  end(): Promise<string[]>;
}

/** Tells, while an operation of the engine runs, what deletions wait for; each line once. A cluster that does not answer tells nothing. */
export function watchDeletions(kubeconfig: string, say: (line: string) => void): DeletionWatch {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const look = async (): Promise<string[]> => {
    try {
      const [namespaces, claims, deployments, jobs] = await Promise.all([
        core.listNamespace(),
        core.listPersistentVolumeClaimForAllNamespaces(),
        apps.listDeploymentForAllNamespaces(),
        batch.listJobForAllNamespaces(),
      ]);
      const first = [
        ...claims.items.map((claim) => ({ ...claim, kind: "PersistentVolumeClaim" })),
        ...deployments.items.map((deployment) => ({ ...deployment, kind: "Deployment" })),
        ...jobs.items.map((job) => ({ ...job, kind: "Job" })),
      ];
      const now = Date.now();
      return [
        ...blockedDeletions(namespaces.items, now, patienceMilliseconds),
        ...heldObjects(first, now, patienceMilliseconds),
      ];
    } catch {
      return [];
    }
  };
  const said = new Set<string>();
  const timer = setInterval(() => {
    void look().then((lines) => {
      for (const line of lines.filter((each) => !said.has(each))) {
        said.add(line);
        say(line);
      }
    });
  }, intervalMilliseconds);
  return {
    end: () => {
      clearInterval(timer);
      return look();
    },
  };
}
