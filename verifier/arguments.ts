/** Command line of `npm run verify`. */
import * as path from "node:path";
import { parseArgs } from "node:util";

/** What is asked for. */
export interface VerifyArguments {
  /** Name of the stack. */
  stack: string;
  /** The stack's file. Default: `Pulumi.<stack>.yaml` of the checkout. */
  stackFile?: string;
  /** File with the policy pack's settings. Default: `policy-pack/config/<stack>.json` beside the stack's file. */
  settings?: string;
  /** Kubeconfig file. Default: the local cluster's for the stack dev where there is one, else kubectl's own. */
  kubeconfig?: string;
  /** Context in the kubeconfig. Default: `kubernetes:context` of the stack, else the current one. */
  context?: string;
  /** Whether traffic is sent. Default: false. */
  traffic: boolean;
  /** Image of the probe pods. Default: the stack's image of the model loader. */
  probeImage?: string;
  /** File with clients' keys. Default: none, and what needs a key is not decided. */
  clientKeys?: string;
  /** Files to write. */
  json?: string;
  junit?: string;
  sarif?: string;
  html?: string;
  /** JSON file of an earlier run, whose failures are known. Default: none. */
  baseline?: string;
  /** Whether only failures that the baseline does not know fail the run. Default: false. */
  failOnNew: boolean;
  /** Least share of decided results, in percent. Default: 100. */
  leastCoverage: number;
}

/** Faults of the command line, all of them. */
export class VerifyArgumentsError extends Error {
  override readonly name = "VerifyArgumentsError";
}

export const USAGE = `usage: npm run verify -- (--stack <stack> | --stack-file <file>) [options]

Asks a live cluster whether what the stack declares holds there: the policy pack's rules on the live objects, rights of
tenants' people and accounts, forbidden objects by dry run, quotas, audit, encryption, health. It changes nothing without
--traffic.

  --stack                the stack, for example dev
  --stack-file           the stack's file, wherever it is, for example ../platform/Pulumi.prod.yaml
  --settings             file with the policy pack's settings; default: policy-pack/config/<stack>.json beside the
                         stack's file
  --kubeconfig           kubeconfig file; default: the local cluster's for the stack dev, else as kubectl finds it
  --context              context in it; default: kubernetes:context of the stack, else the current one
  --traffic              also send traffic, from probe pods in tenants' namespaces and in two of the verifier's own; all
                         of them are removed again, by the next run where this one is killed
  --probe-image          image of these pods, with Node.js; default: the stack's image of the model loader
  --client-keys          file of \`pulumi stack output clientKeys --show-secrets --json\`: gateways are asked with these keys;
                         without it what needs a key is inconclusive, and no key is ever read from the cluster
  --json, --junit, --sarif, --html   also write the results to this file
  --baseline             JSON file of an earlier run: its failures are shown as known
  --fail-on-new          with --baseline: only failures that are not known fail the run
  --fail-coverage-below  percent of results that have to be decided, 0 to 100; default: 100

Ends with 0 when everything is proven, 1 when something is open or unlike predicted, 2 when it could not verify.`;

const TEXTS = [
  "stack",
  "stack-file",
  "settings",
  "kubeconfig",
  "context",
  "probe-image",
  "client-keys",
  "json",
  "junit",
  "sarif",
  "html",
  "baseline",
  "fail-coverage-below",
] as const;
const FLAGS = ["traffic", "fail-on-new"] as const;

/** Name of the stack that a file describes; undefined for a file of another name. */
function stackOf(file: string): string | undefined {
  return /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(path.basename(file))?.[1];
}

/** Reads the arguments. Throws `VerifyArgumentsError` listing every fault. */
export function parseVerifyArguments(argv: readonly string[]): VerifyArguments {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(TEXTS.map((name) => [name, { type: "string" as const }])),
      ...Object.fromEntries(FLAGS.map((name) => [name, { type: "boolean" as const }])),
    },
    strict: false,
    tokens: true,
  });
  const known: readonly string[] = [...TEXTS, ...FLAGS];
  const seen = new Set<string>();
  const faults = tokens.flatMap((token) => {
    if (token.kind === "positional") return [`unexpected argument ${JSON.stringify(token.value)}`];
    if (token.kind !== "option") return [];
    const { name, value } = token;
    if (!known.includes(name)) return [`unknown option --${name}; allowed: --${known.join(", --")}`];
    if (seen.has(name)) return [`--${name} is there twice; give it once`];
    seen.add(name);
    const isFlag = (FLAGS as readonly string[]).includes(name);
    if (isFlag) return value === undefined ? [] : [`--${name} takes no value`];
    return (value ?? "") === "" ? [`--${name} needs a value`] : [];
  });
  const text = (name: (typeof TEXTS)[number]) => (typeof values[name] === "string" ? values[name] : undefined);
  const stackFile = text("stack-file");
  const stack = text("stack") ?? (seen.has("stack") || stackFile === undefined ? undefined : stackOf(stackFile));
  if (seen.has("stack") && seen.has("stack-file"))
    faults.push("--stack and --stack-file are both there; name the stack in one way");
  else if (stackFile !== undefined && stack === undefined)
    faults.push(`--stack-file ${JSON.stringify(stackFile)} is no stack's file: its name has to be Pulumi.<stack>.yaml`);
  else if (stack === undefined && !seen.has("stack") && !seen.has("stack-file"))
    faults.push("--stack is missing: name the stack, for example --stack dev");
  else if (stack !== undefined && stack !== "" && !/^[A-Za-z0-9_.-]+$/.test(stack))
    faults.push(`--stack ${JSON.stringify(stack)} is no stack name: use letters, digits, "-", "_" and "."`);
  const failOnNew = values["fail-on-new"] === true;
  if (failOnNew && !seen.has("baseline"))
    faults.push("--fail-on-new needs --baseline: name the JSON file of an earlier run");
  const traffic = values["traffic"] === true;
  for (const name of ["probe-image", "client-keys"])
    if (!traffic && seen.has(name)) faults.push(`--${name} needs --traffic: without traffic there are no probes`);
  const coverage = text("fail-coverage-below") ?? "100";
  const leastCoverage = Number(coverage);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(coverage) || leastCoverage > 100)
    faults.push(`--fail-coverage-below ${JSON.stringify(coverage)} is no percentage: write a number from 0 to 100`);
  if (faults.length > 0) throw new VerifyArgumentsError([...new Set(faults)].join("\n"));
  return {
    stack: stack ?? "",
    stackFile,
    settings: text("settings"),
    kubeconfig: text("kubeconfig"),
    context: text("context"),
    traffic,
    probeImage: text("probe-image"),
    clientKeys: text("client-keys"),
    json: text("json"),
    junit: text("junit"),
    sarif: text("sarif"),
    html: text("html"),
    baseline: text("baseline"),
    failOnNew,
    leastCoverage,
  };
}
