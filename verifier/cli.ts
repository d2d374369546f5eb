/** `npm run verify`: whether what a stack declares holds on the live cluster. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setFlagsFromString } from "node:v8";
import { loadStackFile } from "../components/config/load";
import { resolveImages } from "../components/spec/images";
import { namespacesOf } from "../components/spec/names";
import { reachOf } from "../tools/report/reach";
import { bundleDeclaredMonitor } from "../tools/monitor/bundle";
import { settingsIn, settingsOf } from "../tools/report/settings";
import { parseVerifyArguments, USAGE, VerifyArgumentsError } from "./arguments";
import { gatewayFacts, readClientKeys } from "./client-keys";
import { clusterApi } from "./cluster-api";
import { plannedObjects } from "./planned";
import { renderJson, type VerdictFile } from "./formats/json";
import { renderJunit } from "./formats/junit";
import { renderPage } from "./formats/page";
import { renderSarif } from "./formats/sarif";
import { renderTable } from "./formats/table";
import { kubeconfigOf, stackFileOf } from "./kubeconfig";
import { isFailure, messageOf, summarize } from "./result";
import { verifyCluster } from "./verify";

/**
 * Lets the heap grow by a fifth between two collections, where it would double: all objects of a cluster are held, and what is thrown away between
 * two collections would be as much again.
 */
const SPARING_HEAP = "--heap-growing-percent=20";

async function main(argv: string[]): Promise<number> {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  const args = parseVerifyArguments(argv);
  const known = args.baseline === undefined ? new Set<string>() : knownFailures(args.baseline);
  const stackFile = path.resolve(args.stackFile ?? stackFileOf(args.stack));
  bundleDeclaredMonitor(stackFile);
  const declared = loadStackFile(stackFile);
  const keys = args.clientKeys === undefined ? undefined : readClientKeys(args.clientKeys);
  const root = path.dirname(stackFile);
  const settings = args.settings === undefined ? settingsOf(root, args.stack) : settingsIn(args.settings);
  const api = clusterApi(kubeconfigOf(args));
  console.error(`asking ${api.server} ...`);
  const started = new Date();
  try {
    const { subject, results } = await verifyCluster({
      api,
      settings,
      today: started.toISOString().slice(0, 10),
      expectedNamespaces: declared.tenants.flatMap(namespacesOf),
      declared: plannedObjects(declared),
      ...(args.traffic && {
        traffic: {
          image: args.probeImage ?? resolveImages(declared.images).modelLoader,
          gateways: gatewayFacts(declared, keys),
          signal: interrupted(),
        },
      }),
    });
    const summary = summarize(results, {
      leastCoverage: args.leastCoverage,
      known: args.failOnNew ? known : new Set(),
    });
    const run = { server: api.server, started: started.toISOString(), ended: new Date().toISOString() };
    write(args.json, () => renderJson(results, summary, run));
    write(args.junit, () => renderJunit(results));
    write(args.sarif, () => renderSarif(results));
    const reach = () => reachOf({ model: subject.model, configuration: settings.configuration, violations: [] });
    write(args.html, () => renderPage(results, summary, { ...run, stack: args.stack, reach: reach() }));
    console.log(renderTable(results, summary, known));
    return summary.exitCode;
  } finally {
    api.close();
  }
}

/** Aborted by Ctrl-C and by a request to end: the probes are removed then. A second one ends the program at once. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      console.error("removing the probes ...");
      controller.abort(new Error(`ended by ${signal}`));
    });
  return controller.signal;
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

setFlagsFromString(SPARING_HEAP);
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
