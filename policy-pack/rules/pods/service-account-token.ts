import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { list, show, tenantPods } from "../select";

export const rule: Rule = {
  id: "pods/service-account-token",
  title: "No pod of a tenant carries a token for the Kubernetes API.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.6"), nsa("Protecting Pod service account tokens"), owasp("K06")],
  remediation: "Set automountServiceAccountToken to false in the pod spec and mount no serviceAccountToken volume.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const findings: Finding[] = [];
      if (pod.spec.automountServiceAccountToken !== false)
        findings.push({
          object: pod.source,
          field: `${pod.path}.automountServiceAccountToken`,
          message: `is ${show(pod.spec.automountServiceAccountToken)}; a token is mounted unless the pod itself says false.`,
        });
      list(pod.spec.volumes).forEach((volume, v) => {
        const sources = volume.projected?.sources;
        list(sources).forEach((source, s) => {
          if (source.serviceAccountToken === undefined) return;
          findings.push({
            object: pod.source,
            field: `${pod.path}.volumes[${v}].projected.sources[${s}].serviceAccountToken`,
            message: "mounts a token by hand.",
            fix: "Remove the serviceAccountToken source from the projected volume.",
          });
        });
        if (volume.projected !== undefined && !Array.isArray(sources))
          findings.push({
            object: pod.source,
            field: `${pod.path}.volumes[${v}].projected.sources`,
            message: `is ${show(sources)} and no list, so a mounted token cannot be ruled out.`,
            fix: "Write the sources of the projected volume as a list.",
          });
      });
      return findings;
    }),
};
