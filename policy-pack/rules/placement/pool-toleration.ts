import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { list, record } from "../../model/json";
import type { PackConfiguration } from "../../settings/settings";
import { accelerators, acceleratorsOf, type IsAccelerator } from "../../readers/accelerators";
import { owasp } from "../frameworks";
import { boundPools, type Pool, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";
import { runtimeClassOf, tenantPods } from "../../readers/select";
import { describeTaint, nearMiss, untolerated } from "../../readers/taints";

/** The pod's own tolerations and those that the API server adds for its RuntimeClass; undefined where they are unknown. */
function tolerationsOf(model: ClusterModel, pod: PodSource): unknown[] | undefined {
  const ofRuntime = record(runtimeClassOf(model, pod)?.object.scheduling).tolerations;
  const all = [pod.spec.tolerations, ofRuntime].filter((tolerations) => tolerations !== undefined);
  return all.every(Array.isArray) ? all.flat() : undefined;
}

export const rule: Rule = {
  id: "placement/pool-toleration",
  title: "A tenant's pod tolerates every taint of the pool that it selects.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Add a toleration with the taint's key, operator Equal, value and effect.",
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const byName = new Map(pools(model, configuration).map((pool) => [pool.name, pool]));
    const isAccelerator = accelerators(model, configuration);
    return tenantPods(model).flatMap((pod) => {
      const chosen = list(boundPools(pod, configuration.pools.keys)).flatMap((name) => byName.get(name) ?? []);
      return findings(model, pod, chosen, neutralTaints(pod, configuration, isAccelerator));
    });
  },
};

/** Taints that the API server may let the pod past by itself: those of an accelerator that it requests. */
function neutralTaints(pod: PodSource, { pools: facts }: PackConfiguration, isAccelerator: IsAccelerator): string[] {
  return pod.containers
    .flatMap(({ container }) => acceleratorsOf(container.resources, isAccelerator))
    .filter((resource) => facts.neutralTaintKeys.includes(resource));
}

function findings(model: ClusterModel, pod: PodSource, chosen: readonly Pool[], neutral: readonly string[]): Finding[] {
  const tolerations = tolerationsOf(model, pod);
  const missing = chosen.map(({ taints, object, name }) => ({
    pool: object === undefined ? name : `${object.object.kind} ${object.object.metadata.name}`,
    taints: untolerated(tolerations, taints).filter(({ key }) => !neutral.includes(key ?? "")),
  }));
  // One pool that takes the pod is enough.
  if (missing.length === 0 || missing.some(({ taints }) => taints.length === 0)) return [];
  return missing.flatMap(({ pool, taints }) =>
    taints.map((taint) => ({
      object: pod.source,
      field: `${pod.path}.tolerations`,
      message: `does not let the pod past the taint ${describeTaint(taint)} of ${pool}, which it selects${nearMiss(tolerations, taint)}: the pod would wait for ever.`,
    })),
  );
}
