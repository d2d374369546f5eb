/** `npm run drift`: what someone changed by hand in the objects of a stack, and how it is taken back. */
import { KubeConfig } from "@kubernetes/client-node";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { identifyCluster } from "../../components/cluster-identity";
import { openStackWithoutCluster, runCommand, takeLocalTurn } from "../commands/context";
import { runPulumi } from "../engine";
import { connectedIdentity } from "../local/cluster-identity";
import { localDirectory } from "../local/paths";
import type { LocalStack } from "../local/stack";
import { stackFile } from "../local/state";
import { commandFolder, ownStack, stacksOf } from "../stacks/existing";
import { clusterApi } from "../../verifier/cluster-api";
import { ObjectApi } from "../../verifier/drift/api";
import { declaredObjects, type Declared } from "../../verifier/drift/declared";
import { findDrift } from "../../verifier/drift/drift";
import { formatDrift } from "../../verifier/drift/print";
import { mendDrift } from "./mend";
import { freeVolumes } from "./volumes";

const usage = `usage: npm run drift -- [--stack <stack>] [--mend]

Compares every object of the stack's last update with the cluster and tells each field that differs: the declared value,
the live one, and who set it. With --mend the declared fields are taken back, whoever set them, and what is gone is made
again. Ends with 0 when nothing is different (any more), 1 when something is.

  --stack   the stack; default: dev. A stack of the local backend is read there, any other one with the Pulumi on PATH
            and its login; the cluster is that of KUBECONFIG and \`kubernetes:context\` then
  --mend    take the declared fields back`;

interface Source {
  /** Outputs of `pulumi stack export --show-secrets`, one for each stack of the environment. */
  exported: string[];
  /** File of the kubeconfig. Default: found as kubectl finds it. */
  kubeconfig?: string;
}

async function main(): Promise<void> {
  const options = {
    stack: { type: "string", default: "dev" },
    mend: { type: "boolean", default: false },
    help: { type: "boolean" },
  } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    console.log(usage);
    return;
  }
  if (values.mend && isLocal(values.stack)) await takeLocalTurn();
  const { exported, kubeconfig } = isLocal(values.stack)
    ? await fromLocalStack(values.stack)
    : await fromOwnStack(values.stack);
  const each = exported.map(declaredObjects);
  const declared: Declared = { ...each[0], objects: each.flatMap(({ objects }) => objects) };
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  if (declared.context !== undefined) config.setCurrentContext(declared.context);
  const connection = clusterApi(config);
  try {
    await compare(new ObjectApi(connection), config, values.stack, values.mend, declared);
  } finally {
    connection.close();
  }
}

async function compare(
  api: ObjectApi,
  config: KubeConfig,
  stack: string,
  mend: boolean,
  declared: Declared,
): Promise<void> {
  await refuseOtherCluster(api, config, stack, declared.clusterIdentity);
  const drifts = await findDrift(api, declared.objects);
  console.log(
    drifts.length === 0 ? `Each of the ${declared.objects.length} objects is as declared.` : formatDrift(drifts),
  );
  if (drifts.length === 0) return;
  if (!mend) {
    console.log(
      `\n${drifts.length} of ${declared.objects.length} objects differ. \`--mend\` takes the declared fields back.`,
    );
    process.exitCode = 1;
    return;
  }
  await mendDrift(api, drifts);
  for (const line of await freeVolumes(config)) console.log(line);
  const left = await findDrift(api, drifts);
  if (left.length > 0) {
    console.log(
      `\nNot mended; what may be lost is deleted by hand and made again by \`--mend\`:\n${formatDrift(left)}`,
    );
    process.exitCode = 1;
  } else console.log(`\nMended: ${drifts.length} objects are as declared again.`);
}

const isLocal = (stack: string): boolean =>
  process.env["PULUMI_BACKEND_URL"] === undefined && existsSync(stackFile(localDirectory(), "ollama-platform", stack));

async function fromLocalStack(name: string): Promise<Source> {
  const stack = await openStackWithoutCluster(name);
  return { exported: await exportsOf(stack), kubeconfig: stack.environment.KUBECONFIG };
}

async function fromOwnStack(name: string): Promise<Source> {
  return { exported: await exportsOf(ownStack(name)) };
}

/** What each stack of an environment says of itself, the platform's first. */
async function exportsOf(base: LocalStack): Promise<string[]> {
  const exported: string[] = [];
  for (const { name, environment } of await stacksOf(base)) {
    const args = ["stack", "export", "--show-secrets", "--stack", name, "--non-interactive"];
    const { code, stdout, stderr } = await runPulumi(args, { env: environment, cwd: commandFolder(base) });
    if (code !== 0) throw new Error(`pulumi stack export of ${name} failed:\n${stderr}`);
    exported.push(stdout);
  }
  return exported;
}

/** Another cluster has none of the objects, or those of another stack. */
async function refuseOtherCluster(
  api: ObjectApi,
  config: KubeConfig,
  stack: string,
  remembered?: string,
): Promise<void> {
  const place = `context ${config.getCurrentContext()}`;
  const identity = await connectedIdentity(api);
  identifyCluster({ stack, asked: { place, identity }, remembered, isPreview: true });
}

runCommand(main);
