import { show } from "../../model/fault";
import { nist, owasp } from "../frameworks";
import { pinOf, tenantImages } from "../../readers/images";
import type { Rule } from "../rule";
import { inWorkspace } from "../../readers/select";

/** Tags that move by their nature. */
const moving = /^(latest|stable|edge|nightly|main|master|dev)$/i;

/** Why an image is not pinned; undefined for one that is. */
function fault(image: unknown, requireDigest: boolean): string | undefined {
  const { tag, digest } = pinOf(image);
  if (digest !== undefined) return undefined;
  if (tag === undefined)
    return String(image ?? "").includes("@")
      ? "has a digest that no container runtime takes: sha256, sha384 or sha512 with all its hex digits is needed"
      : "has neither tag nor digest, so what runs may change at any restart";
  if (moving.test(tag)) return "has a tag that moves, so what runs may change at any restart";
  return requireDigest ? "has no digest, and a tag can be moved by whoever owns the repository" : undefined;
}

export const rule: Rule = {
  id: "images/pinned",
  title: "Every image of a tenant's pod is pinned to one version.",
  severity: "medium",
  scope: "object",
  frameworks: [owasp("K02"), nist("4.1 Image countermeasures")],
  remediation:
    "Name the image by an exact tag, and by digest where the configuration asks for it: repository:tag@sha256:<64 hex digits>.",
  configuredBy: ["images"],
  check: (model, { images }) =>
    tenantImages(model).flatMap(({ pod, image, path }) => {
      if (inWorkspace(model, pod)) return [];
      const what = fault(image, images.requireDigest);
      return what === undefined
        ? []
        : [{ object: pod.source, field: path, message: `is ${show(image)}, which ${what}.` }];
    }),
};
