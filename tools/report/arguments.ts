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
  --live        report the live cluster, compared with what is declared
  --kubeconfig  kubeconfig of the cluster of --live; default: as \`npm run verify\`
  --context     context in it; default: as \`npm run verify\`
  --output      folder for the two files; default: .local/report

Without --live it needs neither a cluster nor the Pulumi engine. Ends with 0 when no rule is broken, 1 when one is, 2 on bad input.`;

const OPTIONS = [
  "stack",
  "manifests",
  "namespace",
  "settings",
  "areas",
  "frameworks",
  "against",
  "previous",
  "kubeconfig",
  "context",
  "output",
] as const;
type Option = (typeof OPTIONS)[number];
type Values = Partial<Record<Option, string>>;

const isOption = (name: string): name is Option => OPTIONS.some((option) => option === name);

/** Reads the arguments. Throws `ArgumentsError` listing every fault. */
export function parseArguments(argv: readonly string[]): ReportArguments {
  const { values: given, live, faults } = readOptions(argv);
  faults.push(...faultsOf(given, live));
  if (faults.length > 0) throw new ArgumentsError([...new Set(faults)].join("\n"));
  const { stack, areas, frameworks, output, manifests, ...rest } = given;
  return {
    ...rest,
    live,
    manifests,
    stack: stack ?? "manifests",
    selection:
      areas === undefined && frameworks === undefined
        ? undefined
        : { areas: areas?.split(","), frameworks: frameworks?.split(",") as FrameworkName[] | undefined },
    output: path.resolve(output ?? path.join(localDirectory(), "report")),
  };
}

function readOptions(argv: readonly string[]): { values: Values; live: boolean; faults: string[] } {
  const { values, tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(OPTIONS.map((name) => [name, { type: "string" } as const])),
      live: { type: "boolean" },
    },
    strict: false,
    tokens: true,
  });
  const faults = tokens.flatMap((token) => {
    if (token.kind === "positional") return [`unexpected argument ${JSON.stringify(token.value)}`];
    if (token.kind !== "option") return [];
    if (token.name === "live") return token.value === undefined ? [] : ["--live takes no value"];
    if (!isOption(token.name))
      return [`unknown option --${token.name}; allowed: --${[...OPTIONS, "live"].join(", --")}`];
    return (token.value ?? "") === "" ? [`--${token.name} needs a value`] : [];
  });
  const entries = OPTIONS.map((name) => [name, typeof values[name] === "string" ? values[name] : undefined]);
  return { values: Object.fromEntries(entries) as Values, live: values["live"] === true, faults };
}

function faultsOf(given: Values, live: boolean): string[] {
  const { stack, manifests, namespace, settings, against, previous, kubeconfig, context } = given;
  const faults = faultsOfSelection(given);
  if (stack === undefined && manifests === undefined)
    faults.push("--stack is missing: name the stack, for example --stack dev");
  if (stack === undefined && manifests !== undefined && settings === undefined)
    faults.push(
      "--settings is missing: name the file with the policy pack's settings, or a stack whose settings apply",
    );
  if (stack !== undefined && !/^[A-Za-z0-9_.-]+$/.test(stack))
    faults.push(`--stack ${JSON.stringify(stack)} is no stack name: use letters, digits, "-", "_" and "."`);
  if ([against, previous, live ? "live" : undefined].filter((one) => one !== undefined).length > 1)
    faults.push("--against, --previous and --live exclude each other");
  if (live && manifests !== undefined) faults.push("--live and --manifests exclude each other");
  if (!live && (kubeconfig ?? context) !== undefined)
    faults.push("--kubeconfig and --context need --live: without it no cluster is asked");
  if (against !== undefined && manifests !== undefined)
    faults.push("--against and --manifests exclude each other: a revision is compared by its stack's files");
  if (namespace !== undefined && manifests === undefined) faults.push("--namespace is for --manifests only");
  // What begins with a dash would be an option of git.
  if (against?.startsWith("-") === true) faults.push(`--against ${JSON.stringify(against)} is no git revision`);
  return faults;
}

function faultsOfSelection({ areas, frameworks }: Values): string[] {
  const faults: string[] = [];
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
