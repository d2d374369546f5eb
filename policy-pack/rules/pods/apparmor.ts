import { show } from "../../model/fault";
import { owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantContainers, tenantPods } from "../../readers/select";

const types: unknown[] = ["RuntimeDefault", "Localhost"];
const ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

export const rule: Rule = {
  id: "pods/apparmor",
  title: "No pod of a tenant switches its AppArmor profile off.",
  severity: "medium",
  scope: "object",
  frameworks: [pss("Baseline: AppArmor"), owasp("K01")],
  remediation: "Remove the AppArmor setting or choose RuntimeDefault or Localhost.",
  check: (model) => {
    const findings: Finding[] = [];
    for (const pod of tenantPods(model)) {
      const ofPod = pod.spec.securityContext?.appArmorProfile;
      if (ofPod !== undefined && !types.includes(ofPod.type))
        findings.push({
          object: pod.source,
          field: `${pod.path}.securityContext.appArmorProfile.type`,
          message: `is ${show(ofPod.type)}, so the containers run without the runtime's own profile.`,
        });
      for (const [key, value] of Object.entries(pod.annotations)) {
        if (!key.startsWith(ANNOTATION) || ["", "runtime/default"].includes(value) || value.startsWith("localhost/"))
          continue;
        findings.push({
          object: pod.source,
          field: `${pod.path.replace(/spec$/, "metadata")}.annotations["${key}"]`,
          message: `is ${show(value)}.`,
        });
      }
    }
    for (const { pod, source } of tenantContainers(model)) {
      const own = source.container.securityContext?.appArmorProfile;
      if (own !== undefined && !types.includes(own.type))
        findings.push({
          object: pod.source,
          field: `${source.path}.securityContext.appArmorProfile.type`,
          message: `is ${show(own.type)}, so the container runs without the runtime's own profile.`,
        });
    }
    return findings;
  },
};
