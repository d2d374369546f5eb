import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { inWorkspace, tenantPods } from "../../readers/select";
import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

/** Sources of projected volumes that say to the API server who the pod is. */
const credentials = { serviceAccountToken: "a token", podCertificate: "a client certificate" };

/** Audience of a tenant's gateway; its host is the Service of the tenant's own namespace. */
const GATEWAY_AUDIENCE = /^[a-z0-9-]+\.([a-z0-9-]+)\.svc$/;

/** Whether a token is for the own tenant's gateway alone, and its pod in the tenant's workspace. */
function isForGateway(model: ClusterModel, pod: PodSource, token: unknown): boolean {
  if (!inWorkspace(model, pod)) return false;
  const [, callee] = GATEWAY_AUDIENCE.exec(String(record(token).audience)) ?? [];
  return callee !== undefined && model.tenantOf(callee) === pod.tenant;
}

/** Whether the pod says nothing and its account that no token is mounted. */
function accountMountsNone(model: ClusterModel, pod: PodSource): boolean {
  const { automountServiceAccountToken, serviceAccountName = "default" } = pod.spec;
  if (automountServiceAccountToken !== undefined) return false;
  const account = model.find(pod.namespace, "ServiceAccount", "", serviceAccountName);
  return record(account?.object).automountServiceAccountToken === false;
}

/** What comes of the pod's own word; undefined where no token is mounted, and in a workspace where its account alone says so. */
function harmOf(model: ClusterModel, pod: PodSource): string | undefined {
  const { automountServiceAccountToken } = pod.spec;
  if (automountServiceAccountToken === false) return undefined;
  if (accountMountsNone(model, pod))
    return inWorkspace(model, pod)
      ? undefined
      : "so that a token is mounted as soon as its account no longer says false";
  return automountServiceAccountToken === undefined
    ? "so that a token is mounted unless the account says false"
    : "so that a token is mounted, whatever the account says";
}

export const rule: Rule = {
  id: "pods/service-account-token",
  title: "No pod of a tenant carries a token or a certificate for the Kubernetes API.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.1.6"), nsa("Protecting Pod service account tokens"), owasp("K06")],
  remediation:
    "Set automountServiceAccountToken to false in the pod spec and mount no serviceAccountToken or podCertificate volume.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const findings: Finding[] = [];
      const harm = harmOf(model, pod);
      if (harm !== undefined)
        findings.push({
          object: pod.source,
          field: `${pod.path}.automountServiceAccountToken`,
          message: `is ${show(pod.spec.automountServiceAccountToken)}, ${harm}.`,
        });
      list(pod.spec.volumes).forEach((volume, v) => {
        const sources = volume.projected?.sources;
        list(sources).forEach((source, s) => {
          for (const [kind, what] of Object.entries(credentials)) {
            if (record(source)[kind] === undefined) continue;
            if (kind === "serviceAccountToken" && isForGateway(model, pod, record(source)[kind])) continue;
            findings.push({
              object: pod.source,
              field: `${pod.path}.volumes[${v}].projected.sources[${s}].${kind}`,
              message: `mounts ${what} by hand.`,
              fix: `Remove the ${kind} source from the projected volume.`,
            });
          }
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
