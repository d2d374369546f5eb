import { spawn } from "node:child_process";
import type { Tools } from "../../../tools/install";

/** A forwarded port. */
export interface Forwarded {
  /** Address on this machine, `http://127.0.0.1:<port>`. */
  address: string;
  close(): Promise<void>;
}

/**
 * Forwards a port of a pod to a free port of this machine, as `kubectl port-forward` does for people.
 *
 * @param target For example `deployment/chat`.
 * @throws Error with what kubectl says when it ends instead.
 */
export async function forwardPort(
  tools: Tools,
  kubeconfig: string,
  namespace: string,
  target: string,
  port: number,
): Promise<Forwarded> {
  const args = ["port-forward", "--namespace", namespace, target, `:${port}`];
  const child = spawn(tools.path("kubectl"), args, { env: { ...process.env, KUBECONFIG: kubeconfig } });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    const hear = (text: string): void => {
      said += text;
      const [, local] = /Forwarding from (127\.0\.0\.1:\d+)/.exec(said) ?? [];
      if (local !== undefined) resolve(`http://${local}`);
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`kubectl ${args.join(" ")}: ${said}`)));
  });
  const close = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { address, close };
}
