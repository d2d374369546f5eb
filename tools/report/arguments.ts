/** Command line of `npm run report`. */
import * as path from "node:path";
import { parseArgs } from "node:util";
import { localDirectory } from "../local/paths";

/** What is asked for. */
export interface ReportArguments {
  /** Name of the stack: `Pulumi.<stack>.yaml` and `policy-pack/config/<stack>.json` describe it. */
  stack: string;
  /** Git revision whose files are the previous state. Default: no previous state. */
  against?: string;
  /** File made by `pulumi stack export`, which is the previous state. Default: no previous state. */
  previous?: string;
  /** Whether the live cluster is reported, compared with what is declared. Default: false. */
  live: boolean;
  /** Kubeconfig file of the live cluster. Default: the local cluster's for the stack dev where there is one, else kubectl's own. */
  kubeconfig?: string;
  /** Context in it. Default: `kubernetes:context` of the stack, else the current one. */
  context?: string;
  /** Folder that receives `<stack>.html` and `<stack>.md`. */
  output: string;
}

/** Faults of the command line, all of them. */
export class ArgumentsError extends Error {
  override readonly name = "ArgumentsError";
}

export const USAGE = `usage: npm run report -- --stack <stack> [--against <git revision> | --previous <file> | --live] [--output <folder>]

Writes <folder>/<stack>.html, one page that needs nothing else, and <folder>/<stack>.md, a summary for a pull request:
who can reach whom, what each tenant may use, what the change adds, removes and weakens, and which rules hold.

  --stack     the stack, for example dev
  --against   compare with the files of a git revision, for example origin/main
  --previous  compare with a file made by \`pulumi stack export\`
  --live      report the live cluster, compared with what is declared
  --kubeconfig, --context   the cluster of --live; default: as \`npm run verify\`
  --output    folder for the two files; default: .local/report

Without --live it needs neither a cluster nor the Pulumi engine. Ends with 0 when no rule is broken, 1 when one is, 2 on bad input.`;

const TEXTS = ["stack", "against", "previous", "kubeconfig", "context", "output"] as const;

/** Reads the arguments. Throws `ArgumentsError` listing every fault. */
export function parseArguments(argv: readonly string[]): ReportArguments {
  const option = { type: "string" } as const;
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: { ...Object.fromEntries(TEXTS.map((name) => [name, option])), live: { type: "boolean" } },
    strict: false,
    tokens: true,
  });
  const known: readonly string[] = [...TEXTS, "live"];
  const faults = tokens.flatMap((token) => {
    if (token.kind === "positional") return [`unexpected argument ${JSON.stringify(token.value)}`];
    if (token.kind !== "option") return [];
    if (!known.includes(token.name)) return [`unknown option --${token.name}; allowed: --${known.join(", --")}`];
    if (token.name === "live") return token.value === undefined ? [] : ["--live takes no value"];
    return (token.value ?? "") === "" ? [`--${token.name} needs a value`] : [];
  });
  const [stack, against, previous, kubeconfig, context, output] = TEXTS.map((name) =>
    typeof values[name] === "string" ? values[name] : undefined,
  );
  if (stack === undefined) faults.push("--stack is missing: name the stack, for example --stack dev");
  else if (!/^[A-Za-z0-9_.-]+$/.test(stack))
    faults.push(`--stack ${JSON.stringify(stack)} is no stack name: use letters, digits, "-", "_" and "."`);
  const live = values["live"] === true;
  if ([against, previous, live ? "live" : undefined].filter((one) => one !== undefined).length > 1)
    faults.push("--against, --previous and --live exclude each other");
  if (!live && (kubeconfig ?? context) !== undefined)
    faults.push("--kubeconfig and --context need --live: without it no cluster is asked");
  // What begins with a dash would be an option of git.
  if (against?.startsWith("-") === true) faults.push(`--against ${JSON.stringify(against)} is no git revision`);
  if (faults.length > 0) throw new ArgumentsError([...new Set(faults)].join("\n"));
  return {
    stack: stack ?? "",
    against,
    previous,
    live,
    kubeconfig,
    context,
    output: path.resolve(output ?? path.join(localDirectory(), "report")),
  };
}
