import type { LabelKey, LabelValue } from "../forms";
import { present, type Draft } from "../draft";
import type { Report } from "../fault";
import type { At } from "../path";
import { NodePoolBackend } from "./backend";
import { POOL_KEY, POOL_KEY_GKE } from "./key";

/** A taint of a node. */
export interface TaintSpec {
  /**
   * Key, for example `sku`.
   * @examples ["sku"]
   */
  key: LabelKey;
  /**
   * Value. Default: none.
   * @examples ["gpu"]
   */
  value?: LabelValue;
  /**
   * What it does to pods that do not tolerate it: `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
   * @choices ["NoSchedule", "PreferNoSchedule", "NoExecute"] @examples ["NoSchedule"]
   */
  effect: string;
}

/** What matters of a pool to its taints. */
interface TaintsDraft {
  backend?: NodePoolBackend;
  taints?: Draft<TaintSpec[]>;
  startupTaints?: Draft<TaintSpec[]>;
}

/** Keys of taints that Kubernetes puts on nodes in trouble: tolerating them for ever would keep pods on dead nodes. */
const OF_KUBERNETES = /^node(-role)?\.kubernetes\.io\//;

/** Checks the further taints of a pool's nodes: each once, and none that the platform or Kubernetes sets. */
export function checkTaints(pool: TaintsDraft, at: At, report: Report): void {
  const seen = new Set<string>();
  for (const list of ["taints", "startupTaints"] as const) {
    for (const { item, index } of present(pool[list])) {
      const { key, effect } = item;
      if (key === undefined) continue;
      const path = at(list, index, "key");
      if (key === POOL_KEY || key === POOL_KEY_GKE) {
        report({ path, value: key, problem: "is set by the platform", fix: "remove the taint" });
      } else if (OF_KUBERNETES.test(key)) {
        const problem = "is a taint of Kubernetes itself, for nodes in trouble and control planes";
        report({ path, value: key, problem, allowed: "keys of vendors or of your own", fix: "remove the taint" });
      } else if (pool.backend === NodePoolBackend.gkeComputeClass && key.includes("kubernetes.io")) {
        const problem = "contains `kubernetes.io`, which compute classes of GKE refuse";
        report({
          path,
          value: key,
          restsOn: [at("backend")],
          problem,
          allowed: "another key",
          fix: "choose another key",
        });
      } else if (seen.has(`${key}:${effect}`)) {
        const problem = "is listed twice with this effect";
        report({ path, value: key, problem, allowed: "each key and effect once", fix: "keep one of the two" });
      }
      seen.add(`${key}:${effect}`);
    }
  }
}
