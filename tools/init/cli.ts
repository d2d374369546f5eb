/** `npm run init`: the files of a new stack, from what the cluster of the current context says of itself. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { KubeConfig } from "@kubernetes/client-node";
import { isDnsLabel, MAX_NAME_LENGTH } from "../../components/spec/names";
import { clusterApi } from "../../verifier/cluster-api";
import { repositoryRoot } from "../local/paths";
import { factsOf, type Facts } from "./facts";
import { observe } from "./observe";
import { filesOfStack, type NewFile } from "./write";

const USAGE = `usage: npm run init -- --stack <stack> [--tenant <name>] [--context <name>] [--kubeconfig <file>] [--project <folder>]

Asks the cluster, without changing anything in it, and writes Pulumi.<stack>.yaml, the file of a first tenant (default: first)
and the settings of the policy pack, into the folder of the program (default: this checkout). Files that exist already
are never written over.`;

interface InitArguments {
  stack: string;
  tenant: string;
  context?: string;
  kubeconfig?: string;
  project: string;
}

function argumentsOf(argv: string[]): InitArguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      stack: { type: "string" },
      tenant: { type: "string", default: "first" },
      context: { type: "string" },
      kubeconfig: { type: "string" },
      project: { type: "string", default: repositoryRoot },
    },
  });
  const { stack = "", tenant = "", project = "", ...rest } = values;
  for (const [flag, name] of [
    ["--stack", stack],
    ["--tenant", tenant],
  ] as const) {
    if (isDnsLabel(name, MAX_NAME_LENGTH)) continue;
    throw new Error(
      `${flag} ${JSON.stringify(name)} is no name: write lower-case letters, digits and \`-\`, at most ${MAX_NAME_LENGTH} of them`,
    );
  }
  if (!existsSync(path.join(project, "Pulumi.yaml")))
    throw new Error(`--project ${JSON.stringify(project)} has no Pulumi.yaml: name the folder of the program`);
  return { stack, tenant, project, ...rest };
}

function kubeconfigOf({ context, kubeconfig }: InitArguments): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (context === undefined) return config;
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    throw new Error(`the kubeconfig has no context ${JSON.stringify(context)}; it has ${names.join(", ") || "none"}`);
  }
  config.setCurrentContext(context);
  return config;
}

/** Writes all files or none. */
function write(files: NewFile[], root: string): void {
  const existing = files.filter((file) => existsSync(path.join(root, file.path)));
  if (existing.length > 0) {
    const names = existing.map((file) => file.path).join(", ");
    throw new Error(
      `${names} exists already, and nothing was written: choose another --stack or --tenant, or remove it`,
    );
  }
  for (const file of files) {
    const place = path.join(root, file.path);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, file.text, { flag: "wx" });
  }
}

/** What could not be found, or was guessed. */
function gaps(facts: Facts, unread: string[]): string[] {
  const guessed = (["podCidrs", "serviceCidrs", "nodeCidrs", "dns"] as const).flatMap((key) =>
    facts[key].isGuess ? [`cluster.${key}: ${facts[key].from}`] : [],
  );
  return [
    ...guessed,
    ...(facts.network === undefined ? ["the network plug-in: it has to enforce NetworkPolicy"] : []),
    ...(facts.ingressControllers.length === 0
      ? ["an ingress controller: tenants are reached inside the cluster only"]
      : []),
    ...(facts.monitoring.length === 0 ? ["Prometheus: nobody may scrape metrics"] : []),
    ...unread.map((one) => `not readable: ${one}`),
  ];
}

async function main(argv: string[]): Promise<void> {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return;
  }
  const args = argumentsOf(argv);
  const config = kubeconfigOf(args);
  const api = clusterApi(config);
  console.error(`asking ${api.server} ...`);
  try {
    const observed = await observe(api);
    const facts = factsOf(observed);
    const files = filesOfStack(args.stack, args.tenant, config.getCurrentContext(), facts);
    write(files, args.project);
    for (const file of files) console.log(`written    ${file.path}`);
    for (const gap of gaps(facts, observed.unread)) console.log(`not found  ${gap}`);
    console.log(
      `next       pulumi stack init ${args.stack}; pulumi preview --policy-pack policy-pack --policy-pack-config policy-pack/config/${args.stack}.json`,
    );
  } finally {
    api.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  console.error("help: npm run init -- --help");
  process.exitCode = 2;
});
