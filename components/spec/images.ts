import type { ImageReference } from "./forms";
import type { Draft } from "./draft";
import type { Problem, Report } from "./fault";
import { isDnsSubdomain, isPlatformSecret } from "./names";

/** Container images. Each must be pinned by tag and, outside the local cluster, by digest. */
export interface ImagesSpec {
  /**
   * Ollama server. Default: `docker.io/ollama/ollama:0.17.4`.
   * @default "docker.io/ollama/ollama:0.17.4" @examples ["docker.io/ollama/ollama:0.17.4"]
   */
  ollama?: ImageReference;
  /**
   * Envoy 1.38 or later, the gateway beside each server. Default: `docker.io/envoyproxy/envoy:v1.40.0`.
   * @default "docker.io/envoyproxy/envoy:v1.40.0" @examples ["docker.io/envoyproxy/envoy:v1.40.0"]
   */
  envoy?: ImageReference;
  /**
   * Node.js of 22.21 or later, which runs the model loader. Default: `docker.io/library/node:22.23.3-bookworm-slim`.
   * @default "docker.io/library/node:22.23.3-bookworm-slim"
   * @examples ["docker.io/library/node:22.23.3-bookworm-slim"]
   */
  modelLoader?: ImageReference;
  /**
   * Envoy's rate limit service, which counts shared limits. Default: `docker.io/envoyproxy/ratelimit:3fb70258`.
   * @default "docker.io/envoyproxy/ratelimit:3fb70258" @examples ["docker.io/envoyproxy/ratelimit:3fb70258"]
   */
  rateLimit?: ImageReference;
  /**
   * Valkey or Redis 7 or later, the store of these counts. Default: `docker.io/valkey/valkey:8.1.4`.
   * @default "docker.io/valkey/valkey:8.1.4" @examples ["docker.io/valkey/valkey:8.1.4"]
   */
  valkey?: ImageReference;
  /**
   * Secret of type `kubernetes.io/dockerconfigjson` that images are pulled with, in each tenant's namespace and the
   * loader's. Default: none, nodes pull by themselves.
   * @minLength 1 @maxLength 253 @examples ["registry-credentials"]
   */
  pullSecret?: string;
}

/** The images, each of them named. */
export type Images = Required<Omit<ImagesSpec, "pullSecret">>;

/** Images of the versions that the platform is tested with. */
export const DEFAULT_IMAGES: Images = {
  ollama: "docker.io/ollama/ollama:0.17.4",
  envoy: "docker.io/envoyproxy/envoy:v1.40.0",
  modelLoader: "docker.io/library/node:22.23.3-bookworm-slim",
  rateLimit: "docker.io/envoyproxy/ratelimit:3fb70258",
  valkey: "docker.io/valkey/valkey:8.1.4",
};

/** `host[:port]/path[:tag][@digest]`, after the grammar of container image references. */
const REFERENCE =
  /^(?<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]+)?)\/(?<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@sha256:(?<digest>[0-9a-f]{64}))?$/;

const ALLOWED = "`registry/path:tag`, better with `@sha256:` and the digest";

/** Checks that each image names its registry and is pinned by a tag that does not move. */
export function checkImages(images: Draft<ImagesSpec> = {}, report: Report): void {
  for (const name of ["ollama", "envoy", "modelLoader", "rateLimit", "valkey"] as const) {
    const image = images[name];
    const fault = image === undefined ? undefined : faultOfImage(image);
    if (fault !== undefined) report({ path: ["images", name], value: image, allowed: ALLOWED, ...fault });
  }
  const { pullSecret } = images;
  const fault = pullSecret === undefined ? undefined : faultOfPullSecret(pullSecret);
  if (fault !== undefined) report({ path: ["images", "pullSecret"], value: pullSecret, ...fault });
}

function faultOfPullSecret(name: string): Problem | undefined {
  const allowed = "a Secret of type `kubernetes.io/dockerconfigjson` that is not the platform's own";
  if (isPlatformSecret(name)) {
    return {
      problem: "is a Secret of the platform itself",
      allowed,
      fix: "name a Secret with credentials of a registry",
    };
  }
  if (isDnsSubdomain(name)) return undefined;
  return { problem: "is not the name of a Secret", allowed, fix: "write the name as `kubectl get secrets` shows it" };
}

function faultOfImage(image: string): Problem | undefined {
  const { host, tag } = REFERENCE.exec(image)?.groups ?? {};
  if (host === undefined)
    return {
      problem: "is not the reference of an image with its registry",
      fix: `write registry, path and tag, for example \`${DEFAULT_IMAGES.ollama}\``,
    };
  // Without a dot or port the first part is not a registry but a path, which each container runtime completes differently.
  if (!/[.:]/.test(host) && host !== "localhost")
    return { problem: "does not name its registry", fix: "begin with the registry, for example `docker.io/`" };
  // Registries compare hosts without case, and the pack's list of trusted ones does not.
  if (host !== host.toLowerCase())
    return {
      problem: "has upper-case letters in the host of its registry",
      fix: `write \`${host.toLowerCase()}${image.slice(host.length)}\``,
    };
  if (tag === undefined)
    return { problem: "has no tag, so it is not known which version runs", fix: "add the tag of a version" };
  if (tag === "latest") return { problem: "has the tag `latest`, which moves", fix: "write the tag of a version" };
  return undefined;
}

/** Fills in the images that are not declared. */
export function resolveImages(images: ImagesSpec = {}): Images {
  return {
    ollama: images.ollama ?? DEFAULT_IMAGES.ollama,
    envoy: images.envoy ?? DEFAULT_IMAGES.envoy,
    modelLoader: images.modelLoader ?? DEFAULT_IMAGES.modelLoader,
    rateLimit: images.rateLimit ?? DEFAULT_IMAGES.rateLimit,
    valkey: images.valkey ?? DEFAULT_IMAGES.valkey,
  };
}
