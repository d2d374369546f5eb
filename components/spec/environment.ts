import { resolveCatalogue, type CatalogueModel, type ModelSpec } from "../models/catalogue";
import { checkCluster, resolveCluster, type Cluster, type ClusterSpec } from "./cluster";
import { present, sortedBy, type Draft } from "./draft";
import type { Report } from "./fault";
import { checkImages, resolveImages, type Images, type ImagesSpec } from "./images";
import { checkIngress, type Ingress, type IngressSpec } from "./ingress";
import { checkModels } from "./model";
import { checkModelStore, resolveModelStore, type ModelStore, type ModelStoreSpec } from "./model-store";
import { isDnsLabel, MAX_NAME_LENGTH } from "./names";
import { checkNodePool, resolveNodePool, type NodePool, type NodePoolSpec } from "./node-pool/pool";
import { below } from "./path";
import { checkUniqueNames } from "./unique";

/** The part of a declaration that does not depend on tenants. */
export interface EnvironmentSpec {
  /** Name of the environment, for labels and outputs, for example `dev`. */
  environment: string;
  /** Facts of the cluster that the network policies and pods depend on. */
  cluster?: ClusterSpec;
  /** Container images of the platform. */
  images?: ImagesSpec;
  /**
   * GPU and CPU node pools.
   * @default []
   * @examples [[{ "name": "shared-gpu", "backend": "karpenter-aws", "tenancy": "shared", "gpu": { "memoryGiB": 24 }, "limits": { "cpu": "64", "memory": "256Gi", "gpus": 4 } }]]
   */
  nodePools?: NodePoolSpec[];
  /**
   * Model catalogue: every model that any tenant may be given.
   * @minItems 1 @examples [[{ "name": "llama3.1:8b" }]]
   */
  models: ModelSpec[];
  /** Where models are kept and which registries they come from. Default: servers have no models. */
  modelStore?: ModelStoreSpec;
  /** How hosts of tenants are served outside the cluster. Default: servers are reached inside the cluster only. */
  ingress?: IngressSpec;
}

/** What all tenants of an environment share, with every default filled in. */
export interface Environment {
  name: string;
  cluster: Cluster;
  images: Images;
  /** Secret that images are pulled with; absent when nodes pull by themselves. */
  pullSecret?: string;
  /** Node pools by name, in the order of their names. */
  nodePools: Map<string, NodePool>;
  /** Catalogue models by canonical name, in the order of the names. */
  models: Map<string, CatalogueModel>;
  /** Where models are kept; absent when servers have none. */
  modelStore?: ModelStore;
  /** How hosts of tenants are served; absent when they are not. */
  ingress?: Ingress;
}

/**
 * Checks what does not depend on tenants.
 *
 * @param tenants Names of all tenants, undefined for those that could not be read; absent when not all are known.
 */
export function checkEnvironment(
  spec: Draft<EnvironmentSpec>,
  tenants: (string | undefined)[] | undefined,
  report: Report,
): void {
  checkName(spec.environment, report);
  checkCluster(spec.cluster, report);
  checkImages(spec.images, report);
  checkUniqueNames(spec.nodePools, "nodePools", "node pool", report);
  for (const { item, index } of present(spec.nodePools)) {
    checkNodePool(item, tenants, below("nodePools", index), report);
  }
  checkModels(spec.models, report);
  checkModelStore(spec.modelStore, spec.models, report);
  checkIngress(spec.ingress, report);
}

function checkName(environment: string | undefined, report: Report): void {
  if (environment === undefined || isDnsLabel(environment, MAX_NAME_LENGTH)) return;
  report({
    path: ["environment"],
    value: environment,
    problem: "is no DNS label, and the name of an environment becomes part of names and labels",
    allowed: `a DNS label of at most ${MAX_NAME_LENGTH} characters: lower-case letters, digits and \`-\``,
    fix: "rename it; an environment of files has the name of its stack: rename that with `pulumi stack rename`, and its file",
  });
}

/** Fills in the defaults of an environment without faults. */
export function resolveEnvironment(spec: EnvironmentSpec): Environment {
  const pools = sortedBy((spec.nodePools ?? []).map(resolveNodePool), ({ name }) => name);
  return {
    name: spec.environment,
    cluster: resolveCluster(spec.cluster),
    images: resolveImages(spec.images),
    ...(spec.images?.pullSecret === undefined ? {} : { pullSecret: spec.images.pullSecret }),
    nodePools: new Map(pools.map((pool) => [pool.name, pool])),
    ...(spec.modelStore && { modelStore: resolveModelStore(spec.modelStore) }),
    ...(spec.ingress && { ingress: spec.ingress }),
    models: resolveCatalogue(spec.models),
  };
}
