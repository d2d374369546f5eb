import { cis, owasp } from "../frameworks";
import { grantFindings, grants } from "../rbac-rules";
import type { Rule } from "../rule";

const verbs = ["create", "update", "patch"];

export const rule: Rule = {
  id: "rbac/no-workload-writing",
  title: "No role that reaches a tenant creates pods or changes what they run.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.4"), owasp("K03")],
  remediation:
    "Leave only delete on pods (a restart) and patch on deployments/scale; workloads are changed through the program.",
  check: (model) =>
    grantFindings(
      grants(model, [
        { group: "", resources: ["pods", "podtemplates", "replicationcontrollers", "pods/binding", "bindings"], verbs },
        { group: "apps", resources: ["deployments", "replicasets", "statefulsets", "daemonsets"], verbs },
        { group: "batch", resources: ["jobs", "cronjobs"], verbs },
      ]),
      "whoever writes a pod can mount every Secret of the namespace and run as each of its service accounts",
      "Leave only delete on pods (a restart) and patch on deployments/scale.",
    ),
};
