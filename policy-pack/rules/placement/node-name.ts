import type { ClusterModel, ModelObject, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import type { LabelSelectorRequirement, NodeSelectorTerm } from "../../model/kubernetes";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { runtimeClassOf, tenantPods } from "../../readers/select";

/** Labels that one node alone has. */
const nodeLabels = ["kubernetes.io/hostname", "alpha.kubernetes.io/hostname", "beta.kubernetes.io/hostname"];

const harm = "the pod chooses single nodes, past what the scheduler spreads and what pools keep apart";
const fix = "Remove it; select a pool instead.";

/** Terms of a pod's node affinity, required and preferred. */
function affinityTerms({ spec, path }: PodSource): { term: NodeSelectorTerm; path: string }[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution } =
    spec.affinity?.nodeAffinity ?? {};
  const base = `${path}.affinity.nodeAffinity`;
  return [
    ...list(required?.nodeSelectorTerms).map((term, i) => ({
      term: record(term) as NodeSelectorTerm,
      path: `${base}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`,
    })),
    ...list(preferredDuringSchedulingIgnoredDuringExecution).map((preferred, i) => ({
      term: record(record(preferred).preference) as NodeSelectorTerm,
      path: `${base}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`,
    })),
  ];
}

/** Whether an expression picks nodes by their names; leaving some out is no choice of a node. */
function picksNodes({ operator }: LabelSelectorRequirement): boolean {
  return operator !== "NotIn" && operator !== "Exists" && operator !== "DoesNotExist";
}

function ofAffinity(pod: PodSource): Finding[] {
  return affinityTerms(pod).flatMap(({ term, path }) =>
    (["matchExpressions", "matchFields"] as const).flatMap((field) =>
      list(term[field]).flatMap((expression, index) => {
        const byName = field === "matchFields" || nodeLabels.includes(expression?.key ?? "");
        if (!byName || !picksNodes(record(expression))) return [];
        const place = `${path}.${field}[${index}]`;
        return [{ object: pod.source, field: place, message: `is ${show(expression)}: ${harm}.`, fix }];
      }),
    ),
  );
}

function ofSelector(object: ModelObject, path: string, selector: unknown): Finding[] {
  return nodeLabels
    .filter((label) => Object.hasOwn(record(selector), label))
    .map((label) => ({
      object,
      field: `${path}["${label}"]`,
      message: `is ${show(record(selector)[label])}: ${harm}.`,
      fix,
    }));
}

/** Whether the cluster itself has given the pod its node: a running pod, and one of a DaemonSet even before. */
function isPlaced({ source }: PodSource): { byScheduler: boolean; byDaemonSet: boolean } {
  const live = source.origin === "live" && source.object.kind === "Pod";
  const owners = list(source.object.metadata.ownerReferences as { kind?: unknown }[] | undefined);
  return { byScheduler: live, byDaemonSet: live && owners.some((owner) => owner?.kind === "DaemonSet") };
}

function ofPod(model: ClusterModel, pod: PodSource): Finding[] {
  const placed = isPlaced(pod);
  const findings: Finding[] = [];
  if ((pod.spec.nodeName ?? "") !== "" && !placed.byScheduler)
    findings.push({
      object: pod.source,
      field: `${pod.path}.nodeName`,
      message: `is ${show(pod.spec.nodeName)}: the pod goes past the scheduler and the taints that keep tenants apart.`,
      fix: "Remove nodeName; select a pool instead.",
    });
  if (!["", "default-scheduler"].includes(pod.spec.schedulerName ?? ""))
    findings.push({
      object: pod.source,
      field: `${pod.path}.schedulerName`,
      message: `is ${show(pod.spec.schedulerName)}, a scheduler that need not heed taints.`,
      fix: "Remove schedulerName.",
    });
  const runtimeClass = runtimeClassOf(model, pod);
  return [
    ...findings,
    ...ofSelector(pod.source, `${pod.path}.nodeSelector`, pod.spec.nodeSelector),
    ...(runtimeClass === undefined
      ? []
      : ofSelector(
          runtimeClass,
          "scheduling.nodeSelector",
          record(record(runtimeClass.object.scheduling).nodeSelector),
        )),
    ...(placed.byDaemonSet ? [] : ofAffinity(pod)),
  ];
}

export const rule: Rule = {
  id: "placement/node-name",
  title: "Only the cluster's scheduler chooses a tenant's node.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Remove nodeName, schedulerName, and what selects nodes by their names.",
  check: (model) => tenantPods(model).flatMap((pod) => ofPod(model, pod)),
};
