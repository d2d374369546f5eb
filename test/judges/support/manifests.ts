import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { loadStackFile } from "../../../components/config/load";
import { planClientSecret } from "../../../components/plan/tenant/client-secret";
import { planGatewayPolicy } from "../../../components/plan/server/gateway";
import type { KubernetesObject } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { repositoryRoot } from "../../../tools/local/paths";
import type { ManifestFolder } from "./finding";

/** The example stacks. */
export const STACKS = ["dev", "staging", "prod"] as const;

/** Every object of an example stack as it reaches the API server, Secrets with a key of the tests' own. */
export function stackObjects(stack: string): KubernetesObject[] {
  const plan = planPlatform(loadStackFile(path.join(repositoryRoot, `Pulumi.${stack}.yaml`)));
  const secrets = plan.tenants.flatMap(({ tenant }) => [
    planGatewayPolicy(tenant, []),
    ...tenant.access.clients.map(({ name }) => planClientSecret(tenant, name, "not-a-key")),
  ]);
  return [...platformObjects(plan), ...secrets];
}

/** Writes each object of a stack to a file of its own in a new folder below `root`. */
export function writeManifests(root: string, stack: string, objects: readonly KubernetesObject[]): ManifestFolder {
  const directory = path.join(root, stack);
  mkdirSync(directory, { recursive: true });
  const files = new Map<string, KubernetesObject>();
  for (const [index, object] of objects.entries()) {
    const file = path.join(directory, `${String(index).padStart(4, "0")}-${object.kind}.yaml`.toLowerCase());
    // JSON is YAML too.
    writeFileSync(file, JSON.stringify(object, null, 2));
    files.set(file, object);
  }
  return { stack, directory, objects: files };
}
