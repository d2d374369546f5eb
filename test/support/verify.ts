import { KubeConfig } from "@kubernetes/client-node";
import { loadStackFile } from "../../components/config/load";
import { namespacesOf } from "../../components/spec/names";
import { settingsOf } from "../../tools/report/state";
import * as path from "node:path";
import { clusterApi } from "../../verifier/cluster-api";
import type { Result } from "../../verifier/result";
import { verify } from "../../verifier/verify";

/** Verifies the dev stack of a project on a live cluster, as `npm run verify` does. */
export async function verifyDev(kubeconfig: string, project: string): Promise<Result[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const api = clusterApi(config);
  try {
    const { tenants } = loadStackFile(path.join(project, "Pulumi.dev.yaml"));
    return await verify({
      api,
      settings: settingsOf(project, "dev"),
      today: new Date().toISOString().slice(0, 10),
      expectedNamespaces: tenants.flatMap(namespacesOf),
    });
  } finally {
    api.close();
  }
}
