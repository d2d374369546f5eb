import { show } from "../../model/fault";
import { parseMilli } from "../../model/quantity";
import { containerDefaults, effectiveResources } from "../../readers/capacity";
import { nsa, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

const wanted = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

/** Roles whose containers may have resources; the API server refuses them on ephemeral ones. */
const sized = ["container", "init", "sidecar"];

export const rule: Rule = {
  id: "capacity/container-resources",
  title:
    "Every container of a tenant says how much CPU and memory it needs and how much memory it may use, or its namespace does.",
  severity: "medium",
  scope: "cluster",
  frameworks: [nsa("Resource policies"), owasp("K01")],
  remediation: "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const defaults = containerDefaults(model, pod.namespace);
      return pod.containers
        .filter(({ role }) => sized.includes(role))
        .flatMap(({ container, path }) => {
          const effective = effectiveResources(container, defaults);
          return wanted
            .filter(([kind, resource]) => (parseMilli(effective[kind][resource]) ?? 0n) <= 0n)
            .map(([kind, resource]) => ({
              object: pod.source,
              field: `${path}.resources.${kind}.${resource}`,
              message: `is ${show(effective[kind][resource])}, and no LimitRange gives another, so ${kind === "limits" ? "the container may take all memory of its node from other tenants" : "the pod is placed without knowing what it needs"}.`,
              fix: `Set resources.${kind}.${resource} to a quantity above 0.`,
            }));
        });
    }),
};
