/** Command line of `npm run report`. */
import * as path from "node:path";
import { parseArgs } from "node:util";
import { rules } from "../../policy-pack/rules";
import { areasOf, type FrameworkName, FRAMEWORKS, type Selection } from "../../policy-pack/settings/selection";
import { localDirectory } from "../local/paths";

/** What is asked for. */
export interface ReportArguments {
  /**
   * Name of the stack: `Pulumi.<stack>.yaml` and `policy-pack/config/<stack>.json` describe it. With manifests, the name of
   * the files that are written.
   */
  stack: string;
  /** File or folder of manifests that are reported on instead of a stack. Default: the stack. */
  manifests?: string;
  /** Namespace of manifests that name none. Default: `default`, as for every client. */
  namespace?: string;
  /** File with the pack's settings. Default: those of the stack. */
  settings?: string;
  /** Rules to look at. Default: those that the settings select. */
  selection?: Selection;
  /** Git revision whose files are the previous state. Default: no previous state. */
  against?: string;
  /** File made by `pulumi stack export`, which is the previous state. Default: no previous state. */
  previous?: string;
  /** Folder that receives `<stack>.html` and `<stack>.md`. */
  output: string;
}

/** Faults of the command line, all of them. */
export class ArgumentsError extends Error {
  override readonly name = "ArgumentsError";
}

export const USAGE = `usage: npm run report -- --stack <stack> [--against <git revision> | --previous <file>] [--output <folder>]
       npm run report -- --manifests <file or folder> --settings <file> [--namespace <name>] [--output <folder>]

Writes <folder>/<stack>.html, one page that needs nothing else, and <folder>/<stack>.md, a summary for a pull request:
who can reach whom, what each tenant may use, what the change adds, removes and weakens, and which rules hold.

  --stack       the stack, for example dev
  --manifests   report on Kubernetes manifests instead, for example on what \`helm template\` prints; the two files are
                called manifests unless --stack names them
  --namespace   namespace of manifests that name none; default: default
  --settings    file with the policy pack's settings; default: policy-pack/config/<stack>.json
  --areas       look at the rules of these areas only, for example network,rbac
  --frameworks  look at the rules that these frameworks ask for only: ${Object.keys(FRAMEWORKS).join(", ")}
  --against     compare with the files of a git revision, for example origin/main
  --previous    compare with a file made by \`pulumi stack export\`
  --output      folder for the two files; default: .local/report

It needs neither a cluster nor the Pulumi engine. Ends with 0 when no rule is broken, 1 when one is, 2 on bad input.`;

const OPTIONS = [
  "stack",
  "manifests",
  "namespace",
  "settings",
  "areas",
  "frameworks",
  "against",
  "previous",
  "output",
] as const;
type Option = (typeof OPTIONS)[number];
type Values = Partial<Record<Option, string>>;

const isOption = (name: string): name is Option => OPTIONS.some((option) => option === name);

/** Reads the arguments. Throws `ArgumentsError` listing every fault. */
export function parseArguments(argv: readonly string[]): ReportArguments {
  const { values: given, faults } = readOptions(argv);
  faults.push(...faultsOf(given));
  if (faults.length > 0) throw new ArgumentsError([...new Set(faults)].join("\n"));
  const { stack, areas, frameworks, output, manifests, ...rest } = given;
  return {
    ...rest,
    manifests,
    stack: stack ?? "manifests",
    selection:
      areas === undefined && frameworks === undefined
        ? undefined
        : { areas: areas?.split(","), frameworks: frameworks?.split(",") as FrameworkName[] | undefined },
    output: path.resolve(output ?? path.join(localDirectory(), "report")),
  };
}

function readOptions(argv: readonly string[]): { values: Values; faults: string[] } {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(OPTIONS.map((name) => [name, { type: "string" } as const])),
    strict: false,
    tokens: true,
  });
  const faults = tokens.flatMap((token) => {
    if (token.kind === "positional") return [`unexpected argument ${JSON.stringify(token.value)}`];
    if (token.kind !== "option") return [];
    if (!isOption(token.name)) return [`unknown option --${token.name}; allowed: --${OPTIONS.join(", --")}`];
    return (token.value ?? "") === "" ? [`--${token.name} needs a value`] : [];
  });
  const entries = OPTIONS.map((name) => [name, typeof values[name] === "string" ? values[name] : undefined]);
  return { values: Object.fromEntries(entries) as Values, faults };
}

function faultsOf({ stack, manifests, namespace, settings, areas, frameworks, against, previous }: Values): string[] {
  const faults: string[] = [];
  if (stack === undefined && manifests === undefined)
    faults.push("--stack is missing: name the stack, for example --stack dev");
  if (stack === undefined && manifests !== undefined && settings === undefined)
    faults.push(
      "--settings is missing: name the file with the policy pack's settings, or a stack whose settings apply",
    );
  if (stack !== undefined && !/^[A-Za-z0-9_.-]+$/.test(stack))
    faults.push(`--stack ${JSON.stringify(stack)} is no stack name: use letters, digits, "-", "_" and "."`);
  if (against !== undefined && previous !== undefined) faults.push("--against and --previous exclude each other");
  if (against !== undefined && manifests !== undefined)
    faults.push("--against and --manifests exclude each other: a revision is compared by its stack's files");
  if (namespace !== undefined && manifests === undefined) faults.push("--namespace is for --manifests only");
  // What begins with a dash would be an option of git.
  if (against?.startsWith("-") === true) faults.push(`--against ${JSON.stringify(against)} is no git revision`);
  const names: [option: string, given: string | undefined, allowed: readonly string[]][] = [
    ["areas", areas, areasOf(rules.map(({ id }) => id))],
    ["frameworks", frameworks, Object.keys(FRAMEWORKS)],
  ];
  for (const [option, given, allowed] of names)
    for (const name of given?.split(",") ?? [])
      if (!allowed.includes(name))
        faults.push(`--${option} ${JSON.stringify(name)}: allowed are ${allowed.join(", ")}`);
  return faults;
}
