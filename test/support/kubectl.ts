import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Tools } from "../../tools/install";
import { eventually } from "./wait";

const run = promisify(execFile);

/** Result of one kubectl call; a non-zero code is a result, not an error. */
export interface KubectlResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs kubectl with a kubeconfig. */
export type Kubectl = (...args: string[]) => Promise<KubectlResult>;

/** kubectl bound to a kubeconfig. */
export function kubectlWith(tools: Tools, kubeconfig: string): Kubectl {
  return async (...args) => {
    try {
      const { stdout, stderr } = await run(tools.path("kubectl"), args, {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        maxBuffer: 64 << 20,
      });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const failed = error as { code?: number; stdout?: string; stderr?: string; message: string };
      return { code: failed.code ?? 1, stdout: failed.stdout ?? "", stderr: failed.stderr ?? failed.message };
    }
  };
}

/** Parsed JSON output of a kubectl call that must succeed. */
export async function kubectlJson<T>(kubectl: Kubectl, ...args: string[]): Promise<T> {
  const result = await kubectl(...args, "-o", "json");
  if (result.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${result.stderr}`);
  return JSON.parse(result.stdout) as T;
}

/** Kinds that the cluster's own machinery makes and renews. */
const machinery = new Set([
  "events",
  "events.events.k8s.io",
  "leases.coordination.k8s.io",
  "nodes",
  "csinodes.storage.k8s.io",
]);

/** Every object of the cluster as `kind/namespace/name`, apart from the machinery's. */
export async function allObjects(kubectl: Kubectl): Promise<Set<string>> {
  const kinds = await kubectl("api-resources", "--verbs=list", "-o", "name");
  const listed = kinds.stdout.split("\n").filter((kind) => kind !== "" && !machinery.has(kind));
  const format = 'jsonpath={range .items[*]}{.kind}{"/"}{.metadata.namespace}{"/"}{.metadata.name}{"\\n"}{end}';
  const result = await kubectl("get", listed.join(","), "--all-namespaces", "-o", format);
  if (result.code !== 0) throw new Error(`kubectl get of every kind failed: ${result.stderr}`);
  return new Set(result.stdout.split("\n").filter((line) => line !== ""));
}

/** Every object once their number stays the same for three seconds: a fresh cluster goes on making objects of its own. */
export async function settledObjects(kubectl: Kubectl): Promise<Set<string>> {
  return eventually("the cluster's own objects to settle", 60, async () => {
    const first = await allObjects(kubectl);
    await sleep(3000);
    const second = await allObjects(kubectl);
    return [...second].every((object) => first.has(object)) ? second : undefined;
  });
}
