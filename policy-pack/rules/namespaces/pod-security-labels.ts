import { show } from "../../model/fault";
import { UNKNOWN } from "../../model/kubernetes";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

const PREFIX = "pod-security.kubernetes.io/";
const modes = ["enforce", "audit", "warn"] as const;
type Mode = (typeof modes)[number];

/** Versions as the API server reads them. */
const PINNED = /^v1\.(0|[1-9]\d*)$/;

/** What comes of a level that is not `restricted`. */
function harmOfLevel(level: string | undefined, mode: Mode): string {
  if (level !== undefined && !["privileged", "baseline", UNKNOWN].includes(level))
    return "which is no level, so that the API server refuses the namespace";
  if (mode === "audit") return "breaches of the restricted profile would go without a trace in the audit log";
  if (mode === "warn") return "breaches of the restricted profile would go without a warning";
  if (level === "baseline") return "pods that run as root, or with the runtime's capabilities, would be admitted";
  return "privileged pods would be admitted";
}

/** What comes of a version that is not pinned. */
function harmOfVersion(version: string | undefined): string {
  if (version !== undefined && version !== "latest" && version !== UNKNOWN)
    return "which is no version of the standards, so that the API server refuses the namespace";
  return "without a pinned version the meaning of the profile changes with each upgrade of the cluster";
}

export const rule: Rule = {
  id: "namespaces/pod-security-labels",
  title: "Every tenant namespace enforces, audits and warns the restricted Pod Security Standard at a pinned version.",
  severity: "critical",
  scope: "object",
  frameworks: [pss("Restricted"), cis("5.2.1"), nsa("Kubernetes Pod security"), owasp("K04")],
  remediation: `Label the namespace ${PREFIX}{enforce,audit,warn}: restricted and ${PREFIX}{enforce,audit,warn}-version: v1.<minor>.`,
  check: (model) =>
    model
      .tenantNamespaces()
      .filter((namespace) => namespace.object !== undefined)
      .flatMap((namespace) =>
        modes.flatMap((mode) => {
          const findings: Finding[] = [];
          const level = namespace.labels[`${PREFIX}${mode}`];
          const version = namespace.labels[`${PREFIX}${mode}-version`];
          if (level !== "restricted")
            findings.push({
              object: namespaceObject(namespace),
              field: `metadata.labels["${PREFIX}${mode}"]`,
              message: `is ${show(level)}; ${harmOfLevel(level, mode)}.`,
              fix: `Set the label to "restricted".`,
            });
          if (!PINNED.test(version ?? ""))
            findings.push({
              object: namespaceObject(namespace),
              field: `metadata.labels["${PREFIX}${mode}-version"]`,
              message: `is ${show(version)}; ${harmOfVersion(version)}.`,
              fix: `Set the label to the cluster's minor version, for example "v1.34".`,
            });
          return findings;
        }),
      ),
};
