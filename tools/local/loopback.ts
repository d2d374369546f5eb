/** A real answer where there is no real node: the planned gateway of a tenant, and Ollama behind it, as plain processes on the loopback address. */
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as k8s from "@kubernetes/client-node";
import { loadStackFile } from "../../components/config/load";
import { gatewayFiles, type Placement } from "../../components/gateway";
import { planPlatform } from "../../components/plan/platform";
import { gatewayInput } from "../../components/plan/server/gateway";
import { TENANT_OBJECT } from "../../components/spec/names";
import type { Tenant } from "../../components/spec/tenant";
import { loopbackPlacement, startEnvoy, swapFiles, writeStartFiles } from "../gateway/process";
import { provideSmallModel, untilAnswering, withOllama } from "../images/small-model";
import { ensureTools } from "../install";
import { allowedModel, askAt, keyOf, neighbour, own, tableOfReplies, textsOf, type Attempt } from "./questions";

/** How much of the end of what Envoy wrote an error shows. */
const LAST_CHARACTERS = 2000;

/**
 * Asks the model of a tenant of the dev stack on a machine whose nodes are simulated, with the tenant's declared gateway and the policy, with its
 * hashes of keys, that is in the cluster. No network policy is in the way of anybody here, so the neighbour has only its key. Returns a table of what
 * each one got.
 *
 * @param kubeconfig The cluster.
 * @param stackFile File of the stack that is deployed there.
 * @throws Error, with the table, when one of them did not get what it should; or when Envoy, Ollama or the model cannot be had.
 */
export async function askOnLoopback(kubeconfig: string, stackFile: string): Promise<string> {
  const program = (await ensureTools(["ollama"])).path("ollama");
  const { store } = await provideSmallModel(program, process.stderr);
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  const folder = mkdtempSync(path.join(tmpdir(), "ollama-platform-loopback-"));
  try {
    return await withOllama(program, folder, store, (port) =>
      withGateway(folder, port, stackFile, config, async (address) => tableOfReplies(await attempts(config, address))),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function attempts(config: k8s.KubeConfig, address: string): Promise<Attempt[]> {
  const [key, foreign] = [await keyOf(config, own), await keyOf(config, neighbour)];
  const attempt = (who: string, presented: string, status: number, model = allowedModel, note = ""): Attempt => ({
    who,
    asks: `${model}${note}`,
    expected: (reply) => reply.status === status,
    ask: () => askAt(address, presented, model),
  });
  return [
    attempt("hr's client", key, 200),
    attempt("hr's client", key, 404, "llama3.1:8b", " (not allowed)"),
    attempt("finance's client", foreign, 401),
  ];
}

/** Runs the gateway with the files of its Secrets while `work` uses its address. */
async function withGateway<T>(
  folder: string,
  ollamaPort: number,
  stackFile: string,
  config: k8s.KubeConfig,
  work: (address: string) => Promise<T>,
): Promise<T> {
  const tenant = servedTenant(stackFile);
  const place = await loopbackPlacement(folder, ollamaPort);
  const { program, config: settings } = gatewayFiles(gatewayInput(tenant, []), place);
  writeStartFiles(place, { ...program, ...settings });
  swapFiles(place.policyDirectory, await textsOf(config, own.namespace, TENANT_OBJECT.gatewayPolicy));
  if (tenant.access.tokens !== undefined)
    swapFiles(place.tokensDirectory, await textsOf(config, own.namespace, TENANT_OBJECT.gatewayTokens));
  const envoy = startEnvoy(folder, place);
  try {
    await untilReady(place, folder);
    return await work(`http://${place.address}:${place.port}`);
  } finally {
    const ended = once(envoy, "exit");
    if (envoy.exitCode === null && envoy.kill("SIGTERM")) await ended;
  }
}

async function untilReady({ address, metricsPort }: Placement, folder: string): Promise<void> {
  try {
    await untilAnswering(`http://${address}:${metricsPort}/ready`);
  } catch (error) {
    const said = readFileSync(path.join(folder, "stdout.err"), "utf8").slice(-LAST_CHARACTERS);
    throw new Error(`the gateway does not start: ${(error as Error).message}\n${said}`, { cause: error });
  }
}

function servedTenant(stackFile: string): Tenant {
  const planned = planPlatform(loadStackFile(stackFile)).tenants.find(
    ({ tenant }) => tenant.namespace === own.namespace,
  );
  if (planned === undefined) throw new Error(`${stackFile} declares no tenant with the namespace ${own.namespace}`);
  return planned.tenant;
}
