import { type Draft, present } from "./draft";
import type { Report } from "./fault";
import { type At, below } from "./path";

/** A registry, with a port or without, and as many parts of a repository as are to be the same. */
const REPOSITORY =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*(:[0-9]{1,5})?(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

/** Checks the places that a tenant's own images may come from. */
export function checkWorkspaceImages(
  images: readonly (string | undefined)[] | undefined,
  at: At,
  report: Report,
): void {
  for (const { item, index } of present(images)) {
    const [host = ""] = item.split("/");
    if (REPOSITORY.test(item) && /[.:]/.test(host)) continue;
    report({
      path: at("workspace", "images", index),
      value: item,
      problem: "is not a registry or the beginning of a repository in one",
      allowed:
        "a registry with its full name, and parts of a repository, without tag, digest, wildcard or `/` at the end",
      fix: "write for example `registry.example.com/hr`, or `docker.io/library/nginx` for an image of Docker Hub",
    });
  }
}

/** What matters here of a tenant. */
interface WithImages {
  name?: string;
  workspace?: Draft<{ images: string[] }>;
}

/** A place of images, and whose it is. */
interface Owned {
  tenant: number;
  name: string | undefined;
  index: number;
  value: string;
}

/** Names under which the same registry is asked. */
const ALIASES: Readonly<Record<string, string>> = {
  "index.docker.io": "docker.io",
  "registry-1.docker.io": "docker.io",
  "registry.hub.docker.com": "docker.io",
};

/** A place in one spelling: its parts, the registry first, and without the port that it has anyhow. */
function partsOf(place: string): string[] {
  const [host = "", ...path] = place.toLowerCase().split("/");
  const registry = host.replace(/:443$/, "");
  return [ALIASES[registry] ?? registry, ...path];
}

/** Whether images of one place are all images of the other as well, and how the places begin: with themselves too. */
const beginningsOf = (parts: readonly string[]): string[] =>
  parts.map((_, index) => parts.slice(0, index + 1).join("/"));

/**
 * Reports places of images that several tenants name, or one within the other's, at the later tenant: each could run what the other's
 * programs are made of, with whatever is in it, and whoever may write there would choose what runs in both workspaces.
 */
export function checkImagesUnique(tenants: readonly (WithImages | undefined)[], report: Report): void {
  const all = present(tenants).flatMap(({ item: { name, workspace }, index: tenant }) =>
    present(workspace?.images).map(({ item: value, index }): Owned => ({ tenant, name, index, value })),
  );
  const byPlace = new Map<string, Owned[]>();
  for (const owned of all) {
    const place = partsOf(owned.value).join("/");
    byPlace.set(place, [...(byPlace.get(place) ?? []), owned]);
  }
  for (const inner of all) {
    for (const beginning of beginningsOf(partsOf(inner.value))) {
      for (const outer of byPlace.get(beginning) ?? []) {
        // Two that are the same find each other twice.
        const isSame = beginning === partsOf(inner.value).join("/");
        if (outer.tenant === inner.tenant || (isSame && outer.tenant > inner.tenant)) continue;
        const [first, later] = outer.tenant < inner.tenant ? [outer, inner] : [inner, outer];
        report({
          path: below("tenants", later.tenant)("workspace", "images", later.index),
          value: later.value,
          restsOn: [below("tenants", first.tenant)("workspace", "images", first.index)],
          problem: `has images in common with ${first.value} of the tenant ${first.name ?? "before"}, and each of the two could run the other's`,
          allowed: "registries or repositories that have nothing in common with those of other tenants",
          fix: "give each tenant a repository of its own; copy an image that several use into each of them",
        });
      }
    }
  }
}
