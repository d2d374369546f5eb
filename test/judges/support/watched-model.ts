/** A model that notes what rules read of it: kinds of objects, and fields of pods. */
import { buildClusterModel, type ClusterModel } from "../../../policy-pack/model/cluster-model";
import { fromLive } from "../../../policy-pack/model/from-live";
import type { KubernetesObject } from "../../../policy-pack/model/kubernetes";
import { record } from "../../../policy-pack/model/json";
import { podTemplateOf } from "../../../policy-pack/model/pods";
import { rules } from "../../../policy-pack/rules";
import { compliantObjects, settings } from "../../unit/policy-pack/fixture";
import { type KubernetesApi, shortName } from "./kubernetes-api";

export const POD_SPEC = "io.k8s.api.core.v1.PodSpec";

/** What the rules have read. */
export interface Reads {
  /** `Kind.group`; the group is `*` where a rule takes any. */
  kinds: ReadonlySet<string>;
  /** `PodSpec.hostNetwork`. */
  fields: ReadonlySet<string>;
}

/** Runs every rule on the compliant environment, then with a pod in it that has every field of the API. */
export function whatRulesRead(api: KubernetesApi): Reads {
  const kinds = new Set<string>();
  const fields = new Set<string>();
  const full = fromLive(compliantObjects()).map(({ object }) => object);
  const server = full.find(({ kind, metadata }) => kind === "Deployment" && metadata.namespace === "tenant-hr");
  record(record(record(server).spec).template).spec = api.sampleOf(POD_SPEC);
  for (const objects of [fromLive(compliantObjects()).map(({ object }) => object), full]) {
    for (const object of objects) watchPod(object, api, fields);
    const sources = objects.map((object) => ({ object, origin: "test", unknown: [] }));
    const model = watchKinds(buildClusterModel(sources, settings.configuration), kinds);
    for (const rule of rules) rule.check(model, settings.configuration);
  }
  return { kinds, fields };
}

function watchKinds(model: ClusterModel, kinds: Set<string>): ClusterModel {
  const note = (kind: string, group = "*"): void => void kinds.add(`${kind}.${group}`);
  return {
    ...model,
    of: (kind, group) => {
      note(kind, group);
      return model.of(kind, group);
    },
    ofIn: (namespace, kind, group) => {
      note(kind, group);
      return model.ofIn(namespace, kind, group);
    },
    find: (namespace, kind, group, name) => {
      note(kind, group);
      return model.find(namespace, kind, group, name);
    },
  };
}

/** Puts in the place of a pod's spec one that notes the fields that are read; the pod's own path is followed to it. */
function watchPod(object: KubernetesObject, api: KubernetesApi, fields: Set<string>): void {
  const steps = podTemplateOf(object)?.path.split(".");
  const last = steps?.pop();
  if (steps === undefined || last === undefined) return;
  const parent = steps.reduce<Record<string, unknown>>((value, step) => record(value[step]), object);
  parent[last] = watched(parent[last], POD_SPEC, api, fields);
}

function watched(value: unknown, definition: string | undefined, api: KubernetesApi, fields: Set<string>): unknown {
  if (definition === undefined || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => watched(item, definition, api, fields));
  const parts = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, watched(part, api.definitionOf(definition, key), api, fields)]),
  );
  return new Proxy(parts, {
    get: (target, key) => {
      if (typeof key === "string" && Object.hasOwn(target, key)) fields.add(`${shortName(definition)}.${key}`);
      return Reflect.get(target, key) as unknown;
    },
  });
}
