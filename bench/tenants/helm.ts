/** What Helm takes for the same objects: one chart holds no more than a megabyte, so each tenant is a release of its own. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import type { KubernetesObject } from "../../components/plan/kubernetes";
import { platformObjects, type PlatformPlan } from "../../components/plan/platform";
import { tenantObjects } from "../../components/plan/tenant/tenant";
import { doSeveral } from "../../tools/stacks/several";
import { openTestEnvironment } from "../../test/support/environment";
import { makeRoom } from "./nodes";

const run = promisify(execFile);

/** Seconds of Helm's commands. */
export interface HelmSeconds {
  /** Every release is installed. */
  install: number;
  /** Every release is upgraded to what it is. */
  noChange: number;
}

/** Whether a Helm of these years is on PATH: the project needs none, so it builds none. */
export function hasHelm(): boolean {
  const { status, stdout } = spawnSync("helm", ["version", "--short"], { encoding: "utf8" });
  return status === 0 && /^v[34]\./.test(stdout);
}

/**
 * Seconds that Helm takes for an environment, in a cluster of its own: a release with what all tenants share, then one for each tenant, as many at
 * once as this project updates stacks. It waits for nothing in the cluster.
 */
export async function helmSeconds(plan: PlatformPlan): Promise<HelmSeconds> {
  const environment = await openTestEnvironment("bench-helm");
  try {
    makeRoom(environment, plan.tenants.length);
    const charts = path.join(environment.directory, "charts");
    const ofTenants = plan.tenants.map((tenant) => ({ name: tenant.tenant.name, objects: tenantObjects(tenant) }));
    const own = new Set(ofTenants.flatMap(({ objects }) => objects.map(keyOf)));
    const shared = platformObjects(plan).filter((object) => !own.has(keyOf(object)));
    writeChart(charts, "platform", shared);
    for (const { name, objects } of ofTenants) writeChart(charts, name, objects);
    const env = { ...process.env, KUBECONFIG: environment.deployerKubeconfig };
    const upgrade = async (name: string): Promise<void> => {
      const args = ["upgrade", "--install", name, path.join(charts, name), "--namespace", "kube-system"];
      await run("helm", args, { env });
    };
    const all = async (): Promise<number> => {
      const begin = performance.now();
      await upgrade("platform");
      await doSeveral({ items: ofTenants, nameOf: ({ name }) => name, work: ({ name }) => upgrade(name) });
      return (performance.now() - begin) / 1000;
    };
    return { install: await all(), noChange: await all() };
  } finally {
    await environment.close();
  }
}

const keyOf = ({ apiVersion, kind, metadata }: KubernetesObject): string =>
  [apiVersion, kind, metadata.namespace ?? "", metadata.name].join("/");

/** A chart that installs objects as they are: nothing in them is taken for a template. */
function writeChart(folder: string, name: string, objects: readonly KubernetesObject[]): void {
  const chart = path.join(folder, name);
  mkdirSync(path.join(chart, "templates"), { recursive: true });
  writeFileSync(path.join(chart, "Chart.yaml"), JSON.stringify({ apiVersion: "v2", name, version: "1.0.0" }));
  writeFileSync(path.join(chart, "objects.yaml"), objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  writeFileSync(path.join(chart, "templates", "objects.yaml"), `{{ .Files.Get "objects.yaml" }}`);
}
