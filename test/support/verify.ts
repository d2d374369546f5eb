import { KubeConfig } from "@kubernetes/client-node";
import { loadStackFile } from "../../components/config/load";
import { resolveImages } from "../../components/spec/images";
import { tenantNamespace } from "../../components/spec/names";
import { objectsOf, settingsOf } from "../../tools/report/state";
import * as path from "node:path";
import { clusterApi } from "../../verifier/cluster-api";
import type { ApiObject } from "../../verifier/drift/api";
import type { Result } from "../../verifier/result";
import { readSubject, verify, type VerifyOptions } from "../../verifier/verify";
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
    const { tenants } = loadStackFile(path.join(project, "Pulumi.dev.yaml"));
    const declared = JSON.parse(JSON.stringify(objectsOf(project, "dev"))) as ApiObject[];
    return await work({
      declared,
      api,
      settings: settingsOf(project, "dev"),
      today: new Date().toISOString().slice(0, 10),
      expectedNamespaces: tenants.map(({ name }) => tenantNamespace(name)),
    });
  } finally {
    api.close();
  }
}
