import type { Declared } from "../spec/declared";
import type { Report } from "../spec/fault";

/** `host[:port]/path[:tag][@digest]`, after the grammar of container image references. */
const reference =
  /^(?<host>[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]+)?)\/(?<path>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@sha256:(?<digest>[0-9a-f]{64}))?$/;

const allowed = "`registry/path:tag`, better with `@sha256:` and the digest";

/** Checks that each image names its registry and is pinned by a tag that does not move. */
export function validateImages({ spec: { images = {} } }: Declared, report: Report): void {
  for (const name of ["ollama", "envoy", "modelLoader"] as const) {
    const image = images[name];
    const fault = image === undefined ? undefined : faultOfImage(image);
    if (fault !== undefined) report({ path: ["images", name], value: image, allowed, ...fault });
  }
}

function faultOfImage(image: string): { problem: string; fix: string } | undefined {
  const { host, tag } = reference.exec(image)?.groups ?? {};
  if (host === undefined)
    return {
      problem: "is not the reference of an image with its registry",
      fix: "write registry, path and tag, for example `docker.io/ollama/ollama:0.17.4`",
    };
  // Without a dot or port the first part is not a registry but a path, which each container runtime completes differently.
  if (!/[.:]/.test(host) && host !== "localhost")
    return { problem: "does not name its registry", fix: "begin with the registry, for example `docker.io/`" };
  if (tag === undefined)
    return { problem: "has no tag, so it is not known which version runs", fix: "add the tag of a version" };
  if (tag === "latest") return { problem: "has the tag `latest`, which moves", fix: "write the tag of a version" };
  return undefined;
}
