import { CoreV1Api, KubeConfig, NetworkingV1Api } from "@kubernetes/client-node";
import { setTimeout as sleep } from "node:timers/promises";
import { TENANT_LABEL } from "../../../components/plan/labels";

/** A watch over the fences of tenants' pods. */
export interface FenceWatch {
  /** Ends the watch. Returns the number of looks at a tenant, and each pod that was seen without a fence, with what it lacked. */
  end(): Promise<{ looks: number; bare: string[] }>;
}

const intervalMilliseconds = 200;

/** Looks all the time whether each pod in a tenant's namespace has the default deny and a quota around it. */
export function watchFences(kubeconfig: string): FenceWatch {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const network = config.makeApiClient(NetworkingV1Api);
  const bare = new Set<string>();
  let looks = 0;
  let isOver = false;

  /** Pods of a namespace that are not about to end. */
  async function pods(namespace: string): Promise<string[]> {
    const { items } = await core.listNamespacedPod({ namespace });
    return items
      .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata?.uid ?? "");
  }

  async function look(namespace: string): Promise<void> {
    const before = await pods(namespace);
    const [policies, quotas] = await Promise.all([
      network.listNamespacedNetworkPolicy({ namespace }),
      core.listNamespacedResourceQuota({ namespace }),
    ]);
    const isDenied = policies.items.some(({ spec }) => {
      const types = spec?.policyTypes ?? [];
      return Object.keys(spec?.podSelector ?? {}).length === 0 && types.includes("Ingress") && types.includes("Egress");
    });
    looks++;
    if (isDenied && quotas.items.length > 0) return;
    // What ended in between needed none.
    const still = await pods(namespace);
    for (const pod of before.filter((uid) => still.includes(uid)))
      bare.add(`${namespace}: pod ${pod} without ${isDenied ? "a quota" : "a default deny"}`);
  }

  async function watch(): Promise<void> {
    while (!isOver) {
      try {
        const { items } = await core.listNamespace({ labelSelector: TENANT_LABEL });
        await Promise.all(items.map(({ metadata }) => look(metadata?.name ?? "")));
      } catch {
        // A connection that broke off: the next look is as good.
      }
      await sleep(intervalMilliseconds);
    }
  }

  const watching = watch();
  return {
    end: async () => {
      isOver = true;
      await watching;
      return { looks, bare: [...bare] };
    },
  };
}
