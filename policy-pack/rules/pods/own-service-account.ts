import { show } from "../../model/fault";
import { cis, owasp } from "../frameworks";
import { UNKNOWN } from "../../model/kubernetes";
import type { Rule } from "../rule";
import { inWorkspace, tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "pods/own-service-account",
  title: "Every pod of a tenant runs under a service account made for it, not under `default`.",
  severity: "medium",
  scope: "object",
  frameworks: [cis("5.1.5"), owasp("K06")],
  remediation: "Create a ServiceAccount in the tenant's namespace and name it in serviceAccountName.",
  check: (model) =>
    tenantPods(model)
      // There the guard lets no pod have a token for the API server, whoever it runs as.
      .filter((pod) => !inWorkspace(model, pod))
      .map((pod) => ({ pod, account: pod.spec.serviceAccountName ?? pod.spec.serviceAccount }))
      .filter(({ account }) => account === undefined || ["", "default", UNKNOWN].includes(account))
      .map(({ pod, account }) => ({
        object: pod.source,
        field: `${pod.path}.${pod.spec.serviceAccountName === undefined && account !== undefined ? "serviceAccount" : "serviceAccountName"}`,
        message: `is ${show(account)}, so rights given to the namespace's default account would reach this pod too.`,
      })),
};
