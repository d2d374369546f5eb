import { nist, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { show, tenantContainers } from "../select";

/** The image's full name as the container runtime completes it: Docker Hub, and `library` for its official images. */
function fullName(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:]/.test(first) || first === "localhost" ? image : `docker.io/${image}`;
}

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
    tenantContainers(model).flatMap(({ pod, source }) => {
      const name = fullName(String(source.container.image ?? ""));
      const listed = registries.some(
        (registry) => name.startsWith(`${registry.replace(/\/$/, "")}/`) || name.split(/[:@]/)[0] === registry,
      );
      if (registries.length === 0 || listed) return [];
      return [
        {
          object: pod.source,
          field: `${source.path}.image`,
          message: `is ${show(source.container.image)}; images may come from ${registries.join(", ")}.`,
        },
      ];
    }),
};
