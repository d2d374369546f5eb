/** Which cluster is asked. */
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { localDirectory, repositoryRoot } from "../tools/local/paths";

/** What the user says of the cluster. */
export interface ClusterChoice {
  /** Name of the stack. */
  stack: string;
  /** The stack's file. Default: `Pulumi.<stack>.yaml` of the checkout. */
  stackFile?: string;
  /** Kubeconfig file. Default: the local cluster's for the stack dev where there is one, else kubectl's own. */
  kubeconfig?: string;
  /** Context in the kubeconfig. Default: `kubernetes:context` of the stack, else the current one. */
  context?: string;
}

/** The stack that `npm start` brings up on the local cluster. */
const LOCAL_STACK = "dev";

/** The kubeconfig that is asked for, else the local cluster's where the stack is the local one, else the one that kubectl would take. */
export function kubeconfigOf({ stack, stackFile, kubeconfig, context }: ClusterChoice): KubeConfig {
  const config = new KubeConfig();
  const local = path.join(localDirectory(), "cluster", "admin.kubeconfig");
  const isAsked = kubeconfig !== undefined || context !== undefined || stackFile !== undefined;
  const isLocal = !isAsked && stack === LOCAL_STACK && existsSync(local);
  const file = kubeconfig ?? (isLocal ? local : undefined);
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  const wanted = context ?? (isLocal ? undefined : contextIn(stackFile ?? stackFileOf(stack)));
  if (wanted === undefined) return config;
  if (!config.getContexts().some(({ name }) => name === wanted)) {
    const names = config.getContexts().map(({ name }) => name);
    throw new Error(`the kubeconfig has no context ${JSON.stringify(wanted)}; it has ${names.join(", ") || "none"}`);
  }
  config.setCurrentContext(wanted);
  return config;
}

/** The file of a stack of the checkout. */
export function stackFileOf(stack: string): string {
  return path.join(repositoryRoot, `Pulumi.${stack}.yaml`);
}

/** `kubernetes:context` of a stack's file. */
function contextIn(file: string): string | undefined {
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const context = config["kubernetes:context"];
  return typeof context === "string" ? context : undefined;
}
