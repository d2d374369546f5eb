import { STORE_VOLUME } from "../store/names";
import { all, any, celList } from "./cel";
import type { Concern } from "./concern";
import { byNamespace, type GuardFacts } from "./facts";
import { IN_GUARDED_NAMESPACE, isGuarded, NEW, notByDeployersOrSystem, OLD } from "./scope";

/** Sources of a volume that lie on a node or on a server of anybody's: no provisioner makes such for a tenant. */
const HAND_MADE = ["hostPath", "local", "nfs", "iscsi", "fc", "rbd", "cephfs", "glusterfs", "flexVolume"];

/** Claims in tenants' namespaces. */
export function claims(facts: GuardFacts): Concern {
  return {
    name: "claims",
    title: "Claims of tenants take no other tenant's volume and no copy of one.",
    rules: ["storage/one-tenant-per-volume", "storage/no-foreign-source", "storage/volume-reserved"],
    resources: [{ group: "", resources: ["persistentvolumeclaims"], operations: ["CREATE", "UPDATE"] }],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployersOrSystem(facts.deployers)],
    variables: [
      NEW,
      OLD,
      {
        name: "same",
        expression:
          'request.operation == "UPDATE" && ["volumeName", "dataSource", "dataSourceRef"].all(k, variables.after.spec[?k] == variables.before.spec[?k])',
      },
      { name: "volumes", expression: byNamespace(facts, ({ volumes }) => volumes) },
    ],
    validations: [
      {
        expression:
          'variables.same || variables.after.spec.?volumeName.orValue("") == "" || variables.after.spec.volumeName in variables.volumes',
        message: "spec.volumeName names a volume that is not this tenant's.",
      },
      {
        expression:
          "variables.same || (!has(variables.after.spec.dataSource) && !has(variables.after.spec.dataSourceRef))",
        message: "spec.dataSource: a claim of a tenant starts empty.",
      },
    ],
  };
}

/** Volumes of the cluster that tenants' claims are, or could be, bound to. */
export function volumes(facts: GuardFacts): Concern {
  const isOwn = (name: string): string => `${name} == "${STORE_VOLUME}" || ${name}.startsWith("${STORE_VOLUME}-")`;
  return {
    name: "volumes",
    title:
      "Volumes of tenants are the platform's: nobody leads a tenant's claim to a folder of a node or of another tenant.",
    rules: [
      "storage/no-host-path",
      "storage/one-tenant-per-volume",
      "storage/view-read-only",
      "storage/volume-reserved",
      "storage/backing-not-shared",
    ],
    resources: [{ group: "", resources: ["persistentvolumes"], operations: ["CREATE", "UPDATE", "DELETE"] }],
    conditions: [notByDeployersOrSystem(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "volume", expression: 'request.operation == "DELETE" ? dyn(oldObject) : dyn(object)' },
      { name: "own", expression: isOwn("variables.volume.metadata.name") },
      { name: "claimant", expression: 'variables.volume.spec.?claimRef.?namespace.orValue("")' },
      { name: "guarded", expression: isGuarded("variables.claimant") },
    ],
    validations: [
      {
        expression: any(
          "!variables.own",
          'request.operation == "UPDATE" && variables.after.spec == variables.before.spec && variables.after.?metadata.?finalizers == variables.before.?metadata.?finalizers',
        ),
        message: "volumes of this name are the platform's: only its deployers make, change and remove them.",
      },
      {
        expression: any(
          "!variables.guarded",
          'request.operation == "DELETE"',
          `request.operation == "UPDATE" && variables.before.spec.?claimRef.?namespace.orValue("") == variables.claimant && variables.before.spec.?claimRef.?name == variables.after.spec.?claimRef.?name && ${celList(HAND_MADE)}.all(k, variables.after.spec[?k] == variables.before.spec[?k])`,
          all('request.operation == "CREATE"', `${celList(HAND_MADE)}.all(k, !(k in variables.volume.spec))`),
        ),
        message:
          "spec: a tenant's claim is bound to what a provisioner makes for it or the platform declares, never to a hand-made volume.",
      },
    ],
  };
}
