import type { PodSource } from "../../model/cluster-model";
import { record } from "../../model/json";
import { owasp } from "../frameworks";
import { type Pool, pools } from "../../readers/pools";
import type { Rule } from "../rule";
import { describeTaint, nearMiss, untolerated } from "../../readers/taints";

/** Whether an agent is listed, as `namespace/name` with an optional `*` at the end. */
function isListed({ namespace, source }: PodSource, agents: readonly string[]): boolean {
  const name = `${namespace}/${source.object.metadata.name}`;
  return agents.some((agent) => (agent.endsWith("*") ? name.startsWith(agent.slice(0, -1)) : name === agent));
}

/** Whether the agent's own selector keeps it off the pool: it asks for another value of a label that the pool sets. */
function isElsewhere({ spec }: PodSource, { labels }: Pool): boolean {
  return Object.entries(record(spec.nodeSelector)).some(
    ([key, value]) =>
      key.startsWith("node-role.kubernetes.io/") || (labels[key] ?? usualLabels[key] ?? value) !== value,
  );
}

/** Labels that the pools' nodes have without saying so. */
const usualLabels: Readonly<Record<string, string>> = { "kubernetes.io/os": "linux" };

export const rule: Rule = {
  id: "placement/pool-agents",
  title: "The agents that a pool's nodes need tolerate the pool's taints.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Add a toleration with the taint's key, value and effect to the DaemonSet, or one with operator Exists.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const agents = model.pods.filter(
      (pod) => pod.source.object.kind === "DaemonSet" && isListed(pod, configuration.pools.agents),
    );
    return pools(model, configuration).flatMap((pool) =>
      agents
        .filter((agent) => pool.object !== undefined && !isElsewhere(agent, pool))
        .flatMap((agent) =>
          untolerated(agent.spec.tolerations, pool.taints).map((taint) => ({
            object: agent.source,
            field: `${agent.path}.tolerations`,
            message: `does not let the agent past the taint ${describeTaint(taint)} of ${pool.object?.object.kind} ${pool.object?.object.metadata.name}${nearMiss(agent.spec.tolerations, taint)}: the pool's nodes would run without it.`,
          })),
        ),
    );
  },
};
