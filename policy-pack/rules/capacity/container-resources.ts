import { parseMilli } from "../../model/quantity";
import { nsa, owasp } from "../frameworks";
import type { Rule } from "../rule";
import { show, tenantContainers } from "../select";

const wanted = [
  ["requests", "cpu"],
  ["requests", "memory"],
  ["limits", "memory"],
] as const;

export const rule: Rule = {
  id: "capacity/container-resources",
  title: "Every container of a tenant says how much CPU and memory it needs, and how much memory it may use.",
  severity: "medium",
  scope: "object",
  frameworks: [nsa("Resource policies"), owasp("K01")],
  remediation: "Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
  check: (model) =>
    tenantContainers(model)
      .filter(({ source }) => source.role !== "ephemeral")
      .flatMap(({ pod, source }) =>
        wanted
          .filter(([kind, resource]) => {
            const amount = parseMilli(source.container.resources?.[kind]?.[resource]);
            return amount === undefined || amount <= 0n;
          })
          .map(([kind, resource]) => ({
            object: pod.source,
            field: `${source.path}.resources.${kind}.${resource}`,
            message: `is ${show(source.container.resources?.[kind]?.[resource])}, so ${kind === "limits" ? "the container may take all memory of its node from other tenants" : "the pod is placed without knowing what it needs"}.`,
            fix: `Set resources.${kind}.${resource} to a quantity above 0.`,
          })),
      ),
};
