/**
 * Pods grouped into classes that no NetworkPolicy can tell apart: same namespace, labels, ports and addresses.
 * Reachability is decided between classes, so its cost follows the number of different pods, not of pods.
 */
import { NAMESPACE_NAME_LABEL } from "../../model/cluster-model";
import { type Fault, type Report, reporter, show } from "../../model/fault";
import { UNKNOWN } from "../../model/kubernetes";
import { type AddressRange, parseAddress } from "../../model/addresses";
import type { NetworkInput, NetworkNamespace, NetworkPod } from "./network";
import type { LabelView } from "../../model/selectors";

/** Pods that every policy treats alike. */
export interface PodClass {
  index: number;
  namespace: NamespaceView;
  /** The first pod of the class speaks for all. */
  pod: NetworkPod;
  pods: NetworkPod[];
  labels: LabelView;
  /** Known addresses; undefined when they are anywhere in the pods' ranges. */
  addresses?: readonly AddressRange[];
}

/** A namespace with what is derived from it. */
export interface NamespaceView {
  source: NetworkNamespace;
  labels: LabelView;
  classes: PodClass[];
}

/** Labels that the pod's controller adds, whose value no program knows. Selectors on them are undecided. */
export const controllerLabels: readonly string[] = [
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
  "controller-uid",
  "job-name",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/job-completion-index",
];

/** Namespaces by name, each with its pod classes. Faults are pushed to `faults`. */
export function buildClasses(input: NetworkInput, faults: Fault[]): Map<string, NamespaceView> {
  const names = new Set(input.namespaces.map((namespace) => namespace.name));
  const namespaces = new Map<string, NamespaceView>();
  for (const source of input.namespaces) {
    const report = reporter(faults, { kind: "Namespace", namespace: "", name: source.name });
    if (namespaces.has(source.name)) report("metadata.name", "is given twice", "Remove one of the two.");
    checkLabels(source.labels, "metadata.labels", report);
    namespaces.set(source.name, { source, labels: namespaceLabels(source, names), classes: [] });
  }
  const byKey = new Map<string, PodClass>();
  const ids = new Set<string>();
  for (const pod of input.pods) {
    const report = podReporter(pod, faults);
    if (ids.has(pod.id)) report("metadata.name", "is given twice", "Give each pod an identifier of its own.");
    ids.add(pod.id);
    const namespace = namespaces.get(pod.namespace);
    if (namespace === undefined) {
      report("metadata.namespace", `is ${pod.namespace}, which is not known`, "List the namespace with its labels.");
      continue;
    }
    checkLabels(pod.labels, pod.labelsPath ?? "metadata.labels", report);
    const key = classKey(pod);
    const known = byKey.get(key);
    if (known !== undefined) known.pods.push(pod);
    else {
      const created = createClass(byKey.size, namespace, pod, report);
      byKey.set(key, created);
      namespace.classes.push(created);
    }
  }
  return namespaces;
}

function createClass(index: number, namespace: NamespaceView, pod: NetworkPod, report: Report): PodClass {
  const addresses = pod.addresses?.flatMap((address) => {
    const parsed = parseAddress(address);
    if (parsed === undefined)
      report("status.podIPs", `contains ${show(address)}, which is no IP address`, "Remove it.");
    return parsed ?? [];
  });
  for (const { port, protocol } of pod.ports) {
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      report("containerPort", `is ${show(port)}, which is no known port`, "Write a number from 1 to 65535.");
    if (protocol !== undefined && !["TCP", "UDP", "SCTP"].includes(protocol))
      report("protocol", `is ${show(protocol)}, which is no protocol`, "Use TCP, UDP or SCTP.");
  }
  return { index, namespace, pod, pods: [pod], labels: podLabels(pod), addresses };
}

function classKey(pod: NetworkPod): string {
  return JSON.stringify([
    pod.namespace,
    Object.entries(pod.labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    pod.openLabels ?? [],
    pod.ports.map(({ name, port, protocol }) => [name, port, protocol ?? "TCP"]),
    pod.hostNetwork === true,
    pod.arbitrary === true,
    pod.addresses,
  ]);
}

function podLabels(pod: NetworkPod): LabelView {
  const open = new Set(pod.openLabels ?? []);
  return { labels: pod.labels, isOpen: (key) => pod.arbitrary === true || open.has(key), mayHave: () => true };
}

/** Labels of a namespace; of the unlisted ones everything is open but their names, which are none of the listed. */
function namespaceLabels(source: NetworkNamespace, listed: ReadonlySet<string>): LabelView {
  const labels = { ...source.labels, [NAMESPACE_NAME_LABEL]: source.name };
  return {
    labels,
    isOpen: () => source.unlisted === true,
    mayHave: (key, value) => key !== NAMESPACE_NAME_LABEL || !listed.has(value),
  };
}

function checkLabels(labels: Record<string, string>, path: string, report: Report): void {
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== "string" || value === UNKNOWN)
      report(`${path}["${key}"]`, `is ${show(value)}, which is not a known string`, "Write the value out.");
  }
}

/** Takes faults of the object that declares the pod. */
function podReporter({ id, namespace, source }: NetworkPod, faults: Fault[]): Report {
  return reporter(faults, source ?? { kind: "Pod", namespace, name: id });
}
