import { nist, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { show, tenantContainers } from "../select";

/** Takes an image reference apart: `registry/repository:tag@digest`. */
const reference = /^(?<name>[^@\s]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

/** Tags that move by their nature. */
const moving = /^(latest|stable|edge|nightly|main|master|dev)$/i;

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
    tenantContainers(model).flatMap(({ pod, source }) => {
      const { image } = source.container;
      const { tag, digest } = reference.exec(String(image ?? ""))?.groups ?? {};
      const fault =
        image === undefined || (tag === undefined && digest === undefined)
          ? "has neither tag nor digest, so what runs may change at any restart"
          : digest === undefined && moving.test(tag ?? "")
            ? "has a tag that moves, so what runs may change at any restart"
            : digest === undefined && images.requireDigest
              ? "has no digest, and a tag can be moved by whoever owns the repository"
              : undefined;
      if (fault === undefined) return [];
      return [{ object: pod.source, field: `${source.path}.image`, message: `is ${show(image)}, which ${fault}.` }];
    }),
};
