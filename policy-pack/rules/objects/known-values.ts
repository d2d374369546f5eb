import type { ClusterModel, ModelObject } from "../../model/cluster-model";
import { UNKNOWN } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { inTenantNamespace } from "../../readers/select";

/** Values that no rule reads: contents of Secrets and annotations that only tools of their own key understand. */
function isHarmless({ object }: ModelObject, path: string): boolean {
  if (object.kind === "Secret" && object.apiVersion === "v1") return /^(data|stringData)(\.|$)/.test(path);
  return /^metadata\.annotations\.(?!.*(apparmor|seccomp|scheduler\.alpha|kubernetes\.io\/psp))/.test(path);
}

/** Cluster-scoped objects and role bindings anywhere can reach a tenant; other objects only within a tenant's namespace. */
function matters(model: ClusterModel, object: ModelObject): boolean {
  return (
    object.namespace === "" ||
    inTenantNamespace(model, object) ||
    object.object.kind === "RoleBinding" ||
    object.object.kind === "Role"
  );
}

export const rule: Rule = {
  id: "objects/known-values",
  title: "Every value that isolation depends on is known at preview.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: "Write the value in the program instead of taking it from another resource's output.",
  check: (model) =>
    model.objects
      .filter((object) => object.opaque === undefined && matters(model, object))
      .flatMap((object) =>
        object.unknown
          .filter((path) => !isHarmless(object, path))
          .map((path) => ({
            object,
            field: path,
            message: `${path === "metadata.name" ? "has a name that is" : "is"} known only during deployment, so that ${object.namespace === UNKNOWN ? "the object may come to lie in any tenant's namespace" : "the rules that read it prove nothing"}.`,
          })),
      ),
};
