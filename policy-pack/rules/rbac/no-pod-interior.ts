import { nsa, owasp } from "../frameworks";
import { grantFindings, grants } from "../rbac-rules";
import type { Rule } from "../rule";

const verbs = ["get", "create", "update", "patch", "delete"];

export const rule: Rule = {
  id: "rbac/no-pod-interior",
  title: "No role that reaches a tenant enters pods or goes round the gateway.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Authentication and authorization"), owasp("K03")],
  remediation: "Remove exec, attach, portforward, proxy and ephemeralcontainers from the rule.",
  check: (model) =>
    grantFindings(
      grants(model, [
        {
          group: "",
          resources: [
            "pods/exec",
            "pods/attach",
            "pods/portforward",
            "pods/proxy",
            "pods/ephemeralcontainers",
            "services/proxy",
          ],
          verbs,
        },
      ]),
      "the holder could reach the model server past the gateway's keys and model list, and read what is mounted beside it",
      "Remove these subresources from the rule.",
    ),
};
