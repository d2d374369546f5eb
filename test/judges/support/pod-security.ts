/** The pack's verdict on single pods beside that of the library by which the API server enforces Pod Security. */
import { buildClusterModel } from "../../../policy-pack/model/cluster-model";
import { defaultConfiguration } from "../../../policy-pack/settings/settings";
import { fromLive } from "../../../policy-pack/model/from-live";
import { rules } from "../../../policy-pack/rules";
import { evaluate, formatViolation } from "../../../policy-pack/rules/evaluate";
import { askProgram } from "../../support/ask-program";

/** A pod and the minor version of the restricted standard to judge it by. */
export interface PodQuestion {
  minor: number;
  pod: { metadata: { name: string; annotations?: Record<string, string> }; spec: Record<string, unknown> };
}

/** The library's verdict. */
export interface PodAnswer {
  allowed: boolean;
  reasons: string[];
}

/** Asks all questions; answers come in their order. Throws if the program fails or answers too few. */
export function askLibrary(program: string, questions: readonly PodQuestion[]): Promise<PodAnswer[]> {
  return askProgram(program, questions);
}

/** Rules of pods that stand for a control of the standards; others refuse more. */
const standardRules = rules.filter(
  ({ id, frameworks }) =>
    id.startsWith("pods/") && frameworks.some(({ framework }) => framework === "Pod Security Standards"),
);

/** What the pack's rules of the standards say of the pod in a tenant's namespace that enforces the version. */
export function packVerdict({ minor, pod }: PodQuestion): string[] {
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "tenant-hr", labels: { "pod-security.kubernetes.io/enforce-version": `v1.${minor}` } },
  };
  const object = { apiVersion: "v1", kind: "Pod", ...pod, metadata: { ...pod.metadata, namespace: "tenant-hr" } };
  const model = buildClusterModel(fromLive([namespace, object]), defaultConfiguration);
  return evaluate(standardRules, model, defaultConfiguration).map(formatViolation);
}
