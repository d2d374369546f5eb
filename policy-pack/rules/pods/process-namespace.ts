import { show } from "../../model/fault";
import { nist } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "pods/process-namespace",
  title: "The containers of a tenant's pod do not see each other's processes.",
  severity: "medium",
  scope: "object",
  frameworks: [nist("4.4 Container runtime countermeasures")],
  remediation: "Remove shareProcessNamespace or set it to false.",
  check: (model) =>
    tenantPods(model)
      .filter((pod) => ![undefined, false].includes(pod.spec.shareProcessNamespace))
      .map((pod) => ({
        object: pod.source,
        field: `${pod.path}.shareProcessNamespace`,
        message: `is ${show(pod.spec.shareProcessNamespace)}: the model server could read the environment and memory of the gateway beside it, client key hashes included.`,
      })),
};
