import { resolveCatalogue, type CatalogueModel } from "../../models/catalogue";
import type { ImagesSpec, TenantArgs } from "../../spec/index";
import { reporter, type Fault, type Report } from "../faults";
import { isDnsSubdomain, MAX_NAME_LENGTH } from "../../spec/names";
import { checkName } from "../read";
import { resolveCluster, type Cluster } from "./cluster";
import { resolveIngress, type Ingress } from "./ingress";
import { resolveModelStore, type ModelStore } from "../store/resolve";
import { resolveNodePools, type NodePool } from "./node-pool";

/** What all tenants of an environment share, with every default filled in. */
export interface Environment {
  name: string;
  cluster: Cluster;
  images: Required<ImagesSpec>;
  /** Node pools by name, in the order of their names. */
  nodePools: Map<string, NodePool>;
  /** Catalogue models by canonical name, in the order of the names. */
  models: Map<string, CatalogueModel>;
  /** Where models are kept; absent when servers have none. */
  modelStore?: ModelStore;
  /** How hosts of tenants are served; absent when they are not. */
  ingress?: Ingress;
}

/** Images of the versions that the platform is tested with. */
export const DEFAULT_IMAGES: Required<ImagesSpec> = {
  ollama: "docker.io/ollama/ollama:0.17.4",
  envoy: "docker.io/envoyproxy/envoy:v1.40.0",
  modelLoader: "docker.io/library/node:22.23.3-bookworm-slim",
};

/** The part of a declaration that does not depend on tenants. */
export type EnvironmentSpec = Omit<TenantArgs, "tenant" | "secretValues">;

/**
 * Fills in the defaults of an environment and appends its faults to `faults`. The result of a faulty declaration
 * serves only for finding further faults.
 */
export function resolveEnvironment(spec: EnvironmentSpec, faults: Fault[]): Environment {
  const report = reporter(faults, "environment", spec.environment);
  checkName(report, "environment", spec.environment, MAX_NAME_LENGTH);
  const catalogue = resolveCatalogue(spec.models);
  for (const fault of catalogue.faults) report("models", fault);
  return {
    name: spec.environment,
    cluster: resolveCluster(spec.cluster ?? {}, report),
    images: resolveImages(spec.images ?? {}, report),
    nodePools: resolveNodePools(spec.nodePools ?? [], faults),
    ...(spec.modelStore && { modelStore: resolveModelStore(spec.modelStore, catalogue.models.values(), report) }),
    ...(spec.ingress && { ingress: resolveIngress(spec.ingress, report) }),
    models: new Map([...catalogue.models].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function resolveImages(spec: ImagesSpec, report: Report): Required<ImagesSpec> {
  const images = {
    ollama: spec.ollama ?? DEFAULT_IMAGES.ollama,
    envoy: spec.envoy ?? DEFAULT_IMAGES.envoy,
    modelLoader: spec.modelLoader ?? DEFAULT_IMAGES.modelLoader,
  };
  for (const [name, image] of Object.entries(images)) {
    if (!isPinnedImage(image)) {
      report(
        `images.${name}`,
        `${JSON.stringify(image)} is not pinned: write registry/repository:tag with a tag other than latest, or @sha256: and the digest`,
      );
    }
  }
  return images;
}

/** Whether an image reference names its registry and a digest or a tag other than `latest`. */
function isPinnedImage(image: string): boolean {
  const match =
    /^(?<registry>[a-z0-9.-]+(:[0-9]+)?)\/[a-z0-9._/-]+(:(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      image,
    );
  const { registry = "", tag, digest } = match?.groups ?? {};
  return isRegistryHost(registry) && (digest !== undefined || (tag !== undefined && tag !== "latest"));
}

/** A first path part is a registry only with a dot, a port, or when it is `localhost`; else runtimes take it for a repository. */
function isRegistryHost(text: string): boolean {
  const [host = "", port] = text.split(":");
  return isDnsSubdomain(host) && (host.includes(".") || port !== undefined || host === "localhost");
}
