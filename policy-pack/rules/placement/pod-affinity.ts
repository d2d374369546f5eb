import { show } from "../../model/fault";
import { list } from "../../model/json";
import type { PodAffinity, PodAffinityTerm } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

function terms(affinity: PodAffinity | undefined): { term: PodAffinityTerm; path: string }[] {
  const required = "requiredDuringSchedulingIgnoredDuringExecution";
  const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  return [
    ...list(affinity?.[required]).map((term, i) => ({ term, path: `${required}[${i}]` })),
    ...list(affinity?.[preferred]).map(({ podAffinityTerm = {} }, i) => ({
      term: podAffinityTerm,
      path: `${preferred}[${i}].podAffinityTerm`,
    })),
  ];
}

export const rule: Rule = {
  id: "placement/pod-affinity",
  title: "A tenant's pod chooses its place by its own tenant's pods only.",
  severity: "medium",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove namespaces and namespaceSelector from the affinity term.",
  check: (model) =>
    tenantPods(model).flatMap((pod) =>
      (["podAffinity", "podAntiAffinity"] as const).flatMap((kind) =>
        terms(pod.spec.affinity?.[kind]).flatMap(({ term, path }) => {
          const findings: Finding[] = [];
          const field = `${pod.path}.affinity.${kind}.${path}`;
          const harm =
            kind === "podAffinity"
              ? "the pod could seek another tenant's node"
              : "the pod could keep other tenants' pods off whole zones";
          const foreign = list(term.namespaces).filter((name) => name !== pod.namespace);
          if (foreign.length > 0)
            findings.push({
              object: pod.source,
              field: `${field}.namespaces`,
              message: `names ${show(foreign)}: ${harm}.`,
            });
          if (term.namespaceSelector !== undefined)
            findings.push({
              object: pod.source,
              field: `${field}.namespaceSelector`,
              message: `is ${show(term.namespaceSelector)}: ${harm}.`,
            });
          return findings;
        }),
      ),
    ),
};
