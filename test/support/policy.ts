import { NodePoolTenancy, type PlatformSpec } from "../../components/spec/index";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { loadSettings } from "../../policy-pack/settings/load";
import { buildClusterModel } from "../../policy-pack/model/cluster-model";
import { parseManifest } from "../../policy-pack/model/from-manifests";
import { rules } from "../../policy-pack/rules";
import { evaluate } from "../../policy-pack/rules/evaluate";
import type { Violation } from "../../policy-pack/rules/rule";

/**
 * What the policy pack says of an environment's objects, with the facts of the environment as its configuration: the
 * network ranges, and whose the pools are that no object declares.
 */
export function poolViolations(
  objects: KubernetesObject[],
  { nodePools = [], cluster = {} }: PlatformSpec,
): Violation[] {
  const shared = nodePools.filter(({ tenancy }) => tenancy === NodePoolTenancy.shared).map(({ name }) => name);
  const owned = nodePools.filter(
    ({ tenancy, backend }) => tenancy === NodePoolTenancy.dedicated && backend === "existing",
  );
  const { configuration } = loadSettings(
    {
      cluster: { nodeCidrs: cluster.nodeCidrs ?? [] },
      pools: { shared, dedicated: Object.fromEntries(owned.map(({ name, tenant }) => [name, tenant ?? ""])) },
      images: { registries: ["docker.io/ollama", "docker.io/envoyproxy"] },
    },
    rules.map(({ id }) => id),
  );
  const faults: string[] = [];
  const sources = objects.flatMap((object) => parseManifest(JSON.stringify(object), `${object.kind}.json`, faults));
  const model = buildClusterModel(sources, configuration);
  return evaluate(rules, model, configuration);
}
