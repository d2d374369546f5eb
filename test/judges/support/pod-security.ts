/** The pack's verdict on single pods beside that of the library by which the API server enforces Pod Security. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { buildClusterModel } from "../../../policy-pack/model/cluster-model";
import { defaultConfiguration } from "../../../policy-pack/settings/settings";
import { fromLive } from "../../../policy-pack/model/from-live";
import { rules } from "../../../policy-pack/rules";
import { evaluate, formatViolation } from "../../../policy-pack/rules/evaluate";

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
export async function askLibrary(program: string, questions: readonly PodQuestion[]): Promise<PodAnswer[]> {
  const child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
  const answers: PodAnswer[] = [];
  const closed = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as PodAnswer);
  })();
  for (const question of questions) child.stdin.write(`${JSON.stringify(question)}\n`);
  child.stdin.end();
  const [code] = await Promise.all([closed, reading]);
  if (code !== 0 || answers.length !== questions.length)
    throw new Error(`${program} ended with ${code} after ${answers.length} of ${questions.length} answers`);
  return answers;
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
