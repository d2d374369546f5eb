import { show } from "../../model/fault";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

const PREFIX = "pod-security.kubernetes.io/";
const modes = ["enforce", "audit", "warn"] as const;

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
              message: `is ${show(level)}; ${mode === "enforce" ? "privileged pods would be admitted" : `breaches of the restricted profile would go without ${mode === "audit" ? "a trace in the audit log" : "a warning"}`}.`,
              fix: `Set the label to "restricted".`,
            });
          if (!/^v1\.\d+$/.test(version ?? ""))
            findings.push({
              object: namespaceObject(namespace),
              field: `metadata.labels["${PREFIX}${mode}-version"]`,
              message: `is ${show(version)}; without a pinned version the meaning of the profile changes with each upgrade of the cluster.`,
              fix: `Set the label to the cluster's minor version, for example "v1.34".`,
            });
          return findings;
        }),
      ),
};
