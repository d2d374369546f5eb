import { show } from "../../model/fault";
import { nist, owasp } from "../frameworks";
import { isUnder, tenantImages } from "../../readers/images";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "images/registries",
  title: "Every image of a tenant's pod comes from a registry that the configuration lists.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K02"), nist("4.2 Registry countermeasures")],
  remediation:
    "Use an image of a listed registry, or list the registry under images.registries in the pack's configuration.",
  configuredBy: ["images"],
  check: (model, { images: { registries } }) =>
    registries.length === 0
      ? []
      : tenantImages(model)
          .filter(({ image }) => !isUnder(image, registries))
          .map(({ pod, image, path }) => ({
            object: pod.source,
            field: path,
            message: `is ${show(image)}; images may come from ${registries.join(", ")}.`,
          })),
};
