/**
 * Pods grouped into classes that no NetworkPolicy can tell apart: same namespace, labels, ports and addresses.
 * Reachability is decided between classes, so its cost follows the number of different pods, not of pods.
 */
import { NAMESPACE_NAME_LABEL } from "../../model/cluster-model";
import { UNKNOWN } from "../../model/kubernetes";
import { type AddressInterval, parseCidr } from "./addresses";
import type { NetworkInput, NetworkNamespace, NetworkPod } from "./network";
import type { LabelView } from "./selectors";

/** Pods that every policy treats alike. */
export interface PodClass {
  index: number;
  namespace: NamespaceView;
  /** The first pod of the class speaks for all. */
  pod: NetworkPod;
  pods: NetworkPod[];
  labels: LabelView;
  /** Known addresses; undefined when they are anywhere in the pods' ranges. */
  addresses?: readonly AddressInterval[];
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
export function buildClasses(input: NetworkInput, faults: string[]): Map<string, NamespaceView> {
  const names = new Set(input.namespaces.map((namespace) => namespace.name));
  const namespaces = new Map<string, NamespaceView>();
  for (const source of input.namespaces) {
    if (namespaces.has(source.name)) faults.push(`Namespace ${source.name}: given twice`);
    checkLabels(source.labels, `Namespace ${source.name}: metadata.labels`, faults);
    namespaces.set(source.name, { source, labels: namespaceLabels(source, names), classes: [] });
  }
  const byKey = new Map<string, PodClass>();
  const ids = new Set<string>();
  for (const pod of input.pods) {
    if (ids.has(pod.id)) faults.push(`Pod ${pod.id}: the identifier is given twice`);
    ids.add(pod.id);
    const namespace = namespaces.get(pod.namespace);
    if (namespace === undefined) {
      faults.push(`Pod ${pod.id}: its namespace ${pod.namespace} is not known; list the namespace with its labels`);
      continue;
    }
    checkLabels(pod.labels, `Pod ${pod.id}: metadata.labels`, faults);
    const key = classKey(pod);
    const known = byKey.get(key);
    if (known !== undefined) known.pods.push(pod);
    else {
      const created = createClass(byKey.size, namespace, pod, faults);
      byKey.set(key, created);
      namespace.classes.push(created);
    }
  }
  return namespaces;
}

function createClass(index: number, namespace: NamespaceView, pod: NetworkPod, faults: string[]): PodClass {
  const addresses = pod.addresses?.flatMap((address) => {
    const parsed = parseCidr(address);
    if (parsed === undefined) faults.push(`Pod ${pod.id}: ${JSON.stringify(address)} is no IP address`);
    return parsed ?? [];
  });
  for (const { port, protocol } of pod.ports) {
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      faults.push(`Pod ${pod.id}: container port ${JSON.stringify(port)} is not a known number from 1 to 65535`);
    if (protocol !== undefined && !["TCP", "UDP", "SCTP"].includes(protocol))
      faults.push(`Pod ${pod.id}: protocol ${JSON.stringify(protocol)} is none of TCP, UDP, SCTP`);
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

function checkLabels(labels: Record<string, string>, path: string, faults: string[]): void {
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value !== "string" || value === UNKNOWN)
      faults.push(`${path}.${key}: ${JSON.stringify(value)} is not a known string; write the value out`);
  }
}
