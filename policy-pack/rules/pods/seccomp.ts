import { show } from "../../model/fault";
import { roleName } from "../../model/pods";
import { cis, nsa, owasp, pss } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

const allowed = ["RuntimeDefault", "Localhost"];
const open = `${allowed.join(" or ")} is needed, since without a profile every system call of the shared kernel is open`;

export const rule: Rule = {
  id: "pods/seccomp",
  title: "Every container of a tenant runs under a seccomp profile.",
  severity: "medium",
  scope: "object",
  frameworks: [pss("Restricted: Seccomp"), cis("5.7.2"), nsa("Kubernetes Pod security"), owasp("K01")],
  remediation: "Set securityContext.seccompProfile to {type: RuntimeDefault} on the pod.",
  check: (model) =>
    tenantPods(model).flatMap((pod): Finding[] => {
      const ofPod = pod.spec.securityContext?.seccompProfile;
      const field = `${pod.path}.securityContext.seccompProfile.type`;
      // The API server refuses the pod for its own profile even where every container has another.
      const wrong =
        ofPod === undefined || allowed.includes(ofPod.type ?? "")
          ? []
          : [
              {
                object: pod.source,
                field,
                message: `is ${show(ofPod.type)}; ${open}, and the API server refuses the pod under the restricted standard, whatever its containers say.`,
              },
            ];
      const ofContainers = pod.containers.flatMap(({ container, role, path }): Finding[] => {
        const own = container.securityContext?.seccompProfile;
        // Without a profile of its own a container has the pod's, which is judged above.
        if (own === undefined ? ofPod !== undefined : allowed.includes(own.type ?? "")) return [];
        return [
          {
            object: pod.source,
            field: own === undefined ? field : `${path}.securityContext.seccompProfile.type`,
            message: `is ${show(own?.type)} for the ${roleName(role)} ${show(container.name)}; ${open}.`,
          },
        ];
      });
      return [...wrong, ...ofContainers];
    }),
};
