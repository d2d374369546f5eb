import { show } from "../../model/fault";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Rule } from "../rule";
import { tenantPods } from "../../readers/select";

const fields = ["hostNetwork", "hostPID", "hostIPC"] as const;

export const rule: Rule = {
  id: "pods/host-namespaces",
  title: "A tenant's pod shares no network, process or IPC namespace with its node.",
  severity: "critical",
  scope: "object",
  frameworks: [
    pss("Baseline: Host Namespaces"),
    cis("5.2.3"),
    cis("5.2.4"),
    cis("5.2.5"),
    nsa("Kubernetes Pod security"),
    owasp("K01"),
  ],
  remediation: "Remove hostNetwork, hostPID and hostIPC from the pod spec, or set them to false.",
  check: (model) =>
    tenantPods(model).flatMap((pod) =>
      fields
        .filter((field) => pod.spec[field] !== undefined && pod.spec[field] !== false)
        .map((field) => ({
          object: pod.source,
          field: `${pod.path}.${field}`,
          message: `is ${show(pod.spec[field])}: the pod would share the node's namespace, past every NetworkPolicy and beside every other tenant's processes.`,
          fix: `Remove ${field} or set it to false.`,
        })),
    ),
};
