/** Variables that containers take over from ConfigMaps and Secrets as a whole. */
import type { ClusterModel, PodSource } from "../model/cluster-model";
import { record } from "../model/json";
import { UNKNOWN } from "../model/kubernetes";

/** Names of variables that a source under `envFrom` sets; undefined where they are not known. */
export function importedNames(model: ClusterModel, pod: PodSource, origin: unknown): string[] | undefined {
  const { configMapRef, secretRef, prefix } = record(origin);
  const kind = configMapRef === undefined ? "Secret" : "ConfigMap";
  const found = model.find(pod.namespace, kind, "", String(record(configMapRef ?? secretRef).name));
  if (found === undefined) return undefined;
  const parts = [found.object.data, found.object.stringData];
  if (parts.includes(UNKNOWN)) return undefined;
  const before = typeof prefix === "string" ? prefix : "";
  return parts.flatMap((part) => Object.keys(record(part)).map((key) => `${before}${key}`));
}
