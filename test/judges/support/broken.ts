/** Faults that the judges must find: each is put into an object of the dev stack. */
import type { Deployment, KubernetesObject, NetworkPolicy, PodSpec, Role } from "../../../components/plan/kubernetes";
import { type Finding, objectName } from "./finding";

/** A fault, and who must find it by which check. */
export interface Fault {
  name: string;
  object: string;
  /** Changes a copy of the object. */
  put: (object: KubernetesObject) => void;
  foundBy: readonly Pick<Finding, "judge" | "check">[];
}

const HR = "Deployment tenant-hr/ollama";
const FINANCE = "Deployment tenant-finance/ollama";

function podOf(object: KubernetesObject): PodSpec {
  const pod = (object as Deployment).spec.template.spec;
  if (pod === undefined) throw new Error("the object makes no pods");
  return pod;
}

function firstContainer(object: KubernetesObject) {
  const [container] = podOf(object).containers;
  if (container === undefined) throw new Error("the pod has no container");
  return container;
}

/** Sets fields, also such as the object's type does not have. */
const set = (target: object | undefined, fields: Record<string, unknown>): void => {
  if (target === undefined) throw new Error("there is nothing to set the fields of");
  Object.assign(target, fields);
};

export const faults: readonly Fault[] = [
  {
    name: "a privileged container",
    object: HR,
    put: (object) => set(firstContainer(object), { securityContext: { privileged: true } }),
    foundBy: [
      { judge: "trivy", check: "KSV-0017" },
      { judge: "kube-score", check: "container-security-context-privileged" },
    ],
  },
  {
    name: "a container without limits",
    object: FINANCE,
    put: (object) => set(firstContainer(object), { resources: {} }),
    foundBy: [
      { judge: "trivy", check: "KSV-0018" },
      { judge: "kube-score", check: "container-resources" },
    ],
  },
  {
    name: "a folder of the node in a pod",
    object: HR,
    put: (object) => podOf(object).volumes?.push({ name: "node", hostPath: { path: "/" } } as never),
    foundBy: [{ judge: "trivy", check: "KSV-0023" }],
  },
  {
    name: "a role for everything",
    object: "Role tenant-hr/operator",
    put: (object) => set(object as Role, { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] }),
    foundBy: [{ judge: "trivy", check: "KSV-0044" }],
  },
  {
    name: "a field that the kind does not have",
    object: "NetworkPolicy tenant-hr/default-deny",
    put: (object) => set((object as NetworkPolicy).spec, { podSelectors: {} }),
    foundBy: [{ judge: "kubeconform", check: "statusInvalid" }],
  },
  {
    name: "a version that the kind does not have",
    object: "NetworkPolicy tenant-finance/default-deny",
    put: (object) => set(object, { apiVersion: "networking.k8s.io/v1beta9" }),
    foundBy: [{ judge: "kubeconform", check: "statusError" }],
  },
];

/** The objects that have a fault, with every fault in its place. Throws where an object is missing. */
export function withFaults(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const names = new Set(faults.map(({ object }) => object));
  const broken = structuredClone(objects.filter((object) => names.has(objectName(object))));
  for (const { object: name, put } of faults) {
    const object = broken.find((candidate) => objectName(candidate) === name);
    if (object === undefined) throw new Error(`the stack has no ${name}`);
    put(object);
  }
  return broken;
}
