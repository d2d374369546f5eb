import { CoreV1Api, KubeConfig, type V1Namespace } from "@kubernetes/client-node";

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
  const look = async (): Promise<string[]> => {
    try {
      return blockedDeletions((await core.listNamespace()).items, Date.now(), patienceMilliseconds);
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
