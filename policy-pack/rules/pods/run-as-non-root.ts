import type { PodSource } from "../../model/cluster-model";
import { roleName } from "../../model/pods";
import { show } from "../../model/fault";
import type { SecurityContext } from "../../model/kubernetes";
import { enforcedMinor, refusesRoot } from "../../model/pod-security";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

const fixUser = "Set runAsUser to the ID of an unprivileged user, for example 10001.";

const isUnprivileged = (user: unknown): boolean => typeof user === "number" && user > 0;

/** What the pod says for all its containers. A container may say otherwise, but the API server reads the pod's word too. */
function ofPod(pod: PodSource, refused: boolean): Finding[] {
  const { runAsNonRoot, runAsUser } = pod.spec.securityContext ?? {};
  const server = refused ? ", and the API server refuses the pod under the restricted standard, whatever they say" : "";
  const field = `${pod.path}.securityContext`;
  const findings: Finding[] = [];
  if (runAsNonRoot !== undefined && runAsNonRoot !== true)
    findings.push({
      object: pod.source,
      field: `${field}.runAsNonRoot`,
      message: `is ${show(runAsNonRoot)}: containers that say nothing else may run as root${server}.`,
    });
  if (runAsUser !== undefined && !isUnprivileged(runAsUser))
    findings.push({
      object: pod.source,
      field: `${field}.runAsUser`,
      message: `is ${show(runAsUser)}, but a user ID above 0 is needed: containers that say nothing else run as that user${server}.`,
      fix: fixUser,
    });
  return findings;
}

/** What a container says itself, or leaves open where the pod says nothing either. */
function ofContainer(
  pod: PodSource,
  { runAsNonRoot, runAsUser }: SecurityContext,
  place: { path: string; name: string },
): Finding[] {
  const findings: Finding[] = [];
  const open = runAsNonRoot === undefined && pod.spec.securityContext?.runAsNonRoot === undefined;
  if (open || (runAsNonRoot !== undefined && runAsNonRoot !== true))
    findings.push({
      object: pod.source,
      field: `${open ? pod.path : place.path}.securityContext.runAsNonRoot`,
      message: `is ${show(runAsNonRoot)} for the ${place.name}, so its image may run as root.`,
    });
  if (runAsUser !== undefined && !isUnprivileged(runAsUser))
    findings.push({
      object: pod.source,
      field: `${place.path}.securityContext.runAsUser`,
      message: `is ${show(runAsUser)}; a user ID above 0 is needed.`,
      fix: fixUser,
    });
  return findings;
}

export const rule: Rule = {
  id: "pods/run-as-non-root",
  title: "Every container of a tenant runs as a user other than root.",
  severity: "high",
  scope: "object",
  frameworks: [
    pss("Restricted: Running as Non-root"),
    pss("Restricted: Running as Non-root user"),
    cis("5.2.7"),
    nsa("Kubernetes Pod security"),
    owasp("K01"),
  ],
  remediation: "Set securityContext.runAsNonRoot to true and runAsUser to a number above 0 on the pod.",
  check: (model) =>
    tenantPods(model).flatMap((pod) => {
      const minor = enforcedMinor(model.namespaces.get(pod.namespace)?.labels);
      return [
        ...ofPod(pod, refusesRoot(pod.spec.hostUsers, minor)),
        ...pod.containers.flatMap(({ container, role, path }) =>
          ofContainer(pod, container.securityContext ?? {}, {
            path,
            name: `${roleName(role)} ${show(container.name)}`,
          }),
        ),
      ];
    }),
};
