import { KubeConfig } from "@kubernetes/client-node";
import { loadStackFile } from "../../components/config/load";
import { resolveImages } from "../../components/spec/images";
import { namespacesOf } from "../../components/spec/names";
import { settingsOf } from "../../tools/report/settings";
import * as path from "node:path";
import { clusterApi } from "../../verifier/cluster-api";
import { plannedObjects } from "../../verifier/planned";
import type { Result } from "../../verifier/result";
import { readSubject, verify, type VerifyOptions } from "../../verifier/verify";
import { findLiveDrift } from "../../verifier/checks/drift";
import { liveStates } from "../../tools/report/live";
import { buildReport } from "../../tools/report/report";
import { checkTraffic, type TrafficOptions } from "../../verifier/checks/traffic";
import { gatewayFacts, type ClientKeys } from "../../verifier/client-keys";

/** Verifies the dev stack of a project on a live cluster, as `npm run verify` does. */
export function verifyDev(kubeconfig: string, project: string): Promise<Result[]> {
  return withOptions(kubeconfig, project, verify);
}

/** As `verifyDev`, with traffic; gateways are asked with the clients' keys. */
export function verifyDevWithTraffic(kubeconfig: string, project: string, keys: ClientKeys): Promise<Result[]> {
  return withOptions(kubeconfig, project, (options) => verify({ ...options, traffic: trafficOf(project, keys) }));
}

/** Sends the traffic of `npm run verify -- --traffic`, and makes no other check. */
export function sendTrafficTo(kubeconfig: string, project: string, keys: ClientKeys): Promise<Result[]> {
  return withOptions(kubeconfig, project, async (options) =>
    checkTraffic(await readSubject(options), trafficOf(project, keys)),
  );
}

/** What `npm run report -- --live` says is weaker than declared. */
export async function weakenedLive(kubeconfig: string, project: string): Promise<string[]> {
  let weakened: string[] = [];
  await withOptions(kubeconfig, project, async (options) => {
    const { declared = [], today } = options;
    const subject = await readSubject(options);
    const { state, previous } = liveStates(subject, declared, await findLiveDrift(subject, declared));
    const { comparison } = buildReport("dev", today, state, previous);
    weakened = (comparison?.change.weakened ?? []).map(({ what }) => what);
    return [];
  });
  return weakened;
}

function trafficOf(project: string, keys: ClientKeys): TrafficOptions {
  const declared = loadStackFile(path.join(project, "Pulumi.dev.yaml"));
  return { image: resolveImages(declared.images).modelLoader, gateways: gatewayFacts(declared, keys) };
}

async function withOptions(
  kubeconfig: string,
  project: string,
  work: (options: VerifyOptions) => Promise<Result[]>,
): Promise<Result[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = clusterApi(config);
  try {
    const spec = loadStackFile(path.join(project, "Pulumi.dev.yaml"));
    return await work({
      declared: plannedObjects(spec),
      api,
      settings: settingsOf(project, "dev"),
      today: new Date().toISOString().slice(0, 10),
      expectedNamespaces: spec.tenants.flatMap(namespacesOf),
    });
  } finally {
    api.close();
  }
}
