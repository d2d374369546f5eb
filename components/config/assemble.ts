import { parseModelName } from "../models/names";
import { present, type PlatformDraft } from "./documents";
import type {
  ClusterSpec,
  ImagesSpec,
  IngressSpec,
  ModelSpec,
  ModelStoreSpec,
  NodePoolSpec,
  PlatformSpec,
  TenantSpec,
} from "./spec";

/**
 * The specification of an environment whose files have no fault. Nothing is missing from the drafts then, which the
 * compiler cannot know: hence the casts.
 */
export function assemble({ environment, stack, tenants }: PlatformDraft): PlatformSpec {
  const config = stack.draft.config ?? {};
  const spec: PlatformSpec = {
    environment,
    models: sortedBy(items<ModelSpec>(config["ollama-platform:models"]), ({ name }) => parseModelName(name).canonical),
    tenants: sortedBy(
      tenants.map(({ draft }) => ({ name: draft.metadata?.name, ...draft.spec }) as TenantSpec),
      ({ name }) => name,
    ),
  };
  const cluster = config["ollama-platform:cluster"];
  const images = config["ollama-platform:images"];
  const nodePools = config["ollama-platform:nodePools"];
  if (cluster !== undefined) spec.cluster = cluster as ClusterSpec;
  if (images !== undefined) spec.images = images as ImagesSpec;
  const modelStore = config["ollama-platform:modelStore"];
  if (modelStore !== undefined) spec.modelStore = modelStore as ModelStoreSpec;
  const ingress = config["ollama-platform:ingress"];
  if (ingress !== undefined) spec.ingress = ingress as IngressSpec;
  if (nodePools !== undefined) spec.nodePools = sortedBy(items<NodePoolSpec>(nodePools), ({ name }) => name);
  return spec;
}

function items<T>(list: readonly unknown[] | undefined): T[] {
  return present(list).map(({ item }) => item as T);
}

/** A copy in the order of code units, which does not depend on the machine's language. */
function sortedBy<T>(list: T[], key: (item: T) => string): T[] {
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
