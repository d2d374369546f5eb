import { cis, nsa, owasp } from "../frameworks";
import { grantFindings, grants, RBAC_GROUP } from "../rbac-rules";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "rbac/no-escalation",
  title: "No role that reaches a tenant lets its holder become somebody else or widen a role.",
  severity: "critical",
  scope: "object",
  frameworks: [
    cis("5.1.8"),
    cis("5.1.10"),
    cis("5.1.11"),
    cis("5.1.13"),
    nsa("Authentication and authorization"),
    owasp("K03"),
  ],
  remediation: "Remove the verbs and resources from the rule.",
  check: (model) =>
    grantFindings(
      grants(model, [
        { group: RBAC_GROUP, resources: ["roles", "clusterroles"], verbs: ["escalate", "bind"] },
        { group: "", resources: ["users", "groups", "serviceaccounts"], verbs: ["impersonate"] },
        { group: "authentication.k8s.io", resources: ["uids", "userextras"], verbs: ["impersonate"] },
        { group: "", resources: ["serviceaccounts/token"], verbs: ["create"] },
        { group: "", resources: ["nodes/proxy"], verbs: ["get", "create", "update", "patch", "delete"] },
        {
          group: "certificates.k8s.io",
          resources: ["certificatesigningrequests/approval", "certificatesigningrequests/status"],
          verbs: ["update", "patch"],
        },
        { group: "certificates.k8s.io", resources: ["signers"], verbs: ["approve", "sign"] },
      ]),
      "the holder could take rights that nobody gave them",
      "Remove the verbs and resources from the rule.",
    ),
};
