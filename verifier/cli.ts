/** `npm run verify`: whether what a stack declares holds on the live cluster. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse } from "yaml";
import { loadStackFile } from "../components/config/load";
import { namespacesOf } from "../components/spec/names";
import { localDirectory, repositoryRoot } from "../tools/local/paths";
import { settingsOf } from "../tools/report/state";
import { parseVerifyArguments, USAGE, VerifyArgumentsError, type VerifyArguments } from "./arguments";
import { clusterApi } from "./cluster-api";
import { renderJson, type VerdictFile } from "./formats/json";
import { renderJunit } from "./formats/junit";
import { renderSarif } from "./formats/sarif";
import { renderTable } from "./formats/table";
import { isFailure, messageOf, summarize } from "./result";
import { verify } from "./verify";

async function main(argv: string[]): Promise<number> {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const args = parseVerifyArguments(argv);
  const known = args.baseline === undefined ? new Set<string>() : knownFailures(args.baseline);
  const declared = loadStackFile(path.join(repositoryRoot, `Pulumi.${args.stack}.yaml`));
  const settings = settingsOf(repositoryRoot, args.stack);
  const api = clusterApi(kubeconfigOf(args));
  console.error(`asking ${api.server} ...`);
  const started = new Date();
  try {
    const results = await verify({
      api,
      settings,
      today: started.toISOString().slice(0, 10),
      expectedNamespaces: declared.tenants.flatMap(namespacesOf),
    });
    const summary = summarize(results, {
      leastCoverage: args.leastCoverage,
      known: args.failOnNew ? known : new Set(),
    });
    const run = { server: api.server, started: started.toISOString(), ended: new Date().toISOString() };
    write(args.json, () => renderJson(results, summary, run));
    write(args.junit, () => renderJunit(results));
    write(args.sarif, () => renderSarif(results));
    console.log(renderTable(results, summary, known));
    return summary.exitCode;
  } finally {
    api.close();
  }
}

function write(file: string | undefined, render: () => string): void {
  if (file === undefined) return;
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, render());
}

/** The failures of an earlier run. Throws when the file is no result of this command. */
function knownFailures(file: string): Set<string> {
  let content: Partial<VerdictFile>;
  try {
    content = JSON.parse(readFileSync(file, "utf8")) as Partial<VerdictFile>;
  } catch (error) {
    throw new VerifyArgumentsError(`--baseline ${file} cannot be read: ${messageOf(error)}`);
  }
  if (!Array.isArray(content.results))
    throw new VerifyArgumentsError(`--baseline ${file} has no results: name a file that --json wrote`);
  return new Set(content.results.filter(isFailure).map(({ id }) => id));
}

/** The stack that `npm start` brings up on the local cluster. */
const LOCAL_STACK = "dev";

/** The kubeconfig that is asked for, else the local cluster's where the stack is the local one, else the one that kubectl would take. */
function kubeconfigOf({ stack, kubeconfig, context }: VerifyArguments): KubeConfig {
  const config = new KubeConfig();
  const local = path.join(localDirectory(), "cluster", "admin.kubeconfig");
  const isLocal = kubeconfig === undefined && context === undefined && stack === LOCAL_STACK && existsSync(local);
  const file = kubeconfig ?? (isLocal ? local : undefined);
  if (file === undefined) config.loadFromDefault();
  else config.loadFromFile(file);
  const wanted = context ?? (isLocal ? undefined : contextOf(stack));
  if (wanted === undefined) return config;
  if (!config.getContexts().some(({ name }) => name === wanted)) {
    const names = config.getContexts().map(({ name }) => name);
    throw new Error(`the kubeconfig has no context ${JSON.stringify(wanted)}; it has ${names.join(", ") || "none"}`);
  }
  config.setCurrentContext(wanted);
  return config;
}

/** `kubernetes:context` of the stack's config. */
function contextOf(stack: string): string | undefined {
  const file = path.join(repositoryRoot, `Pulumi.${stack}.yaml`);
  const { config = {} } = (parse(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
  const context = config["kubernetes:context"];
  return typeof context === "string" ? context : undefined;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const help = error instanceof VerifyArgumentsError ? "\nhelp: npm run verify -- --help" : "";
    console.error(`error: ${messageOf(error)}${help}`);
    process.exitCode = 2;
  },
);
