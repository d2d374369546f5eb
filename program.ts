import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { loadPlatformSpec } from "./components/config/load";
import { checkNoRename } from "./components/config/renames";
import type { PlatformSpec } from "./components/spec/index";
import { secretsOfEngine, TENANT_SECRETS } from "./components/config/stack-secrets";
import { secretValueName } from "./components/spec/secrets";

const prefix = `${pulumi.getProject()}:`;

/**
 * The environment that the stack's config and tenant files declare.
 * Throws a `DeclarationError` that lists every fault of every file; nothing is registered then.
 */
export function stackSpec(): PlatformSpec {
  const spec = loadPlatformSpec({
    environment: pulumi.getStack(),
    config: programConfig(),
    root: process.cwd(),
    secretKeys: secretKeys().filter(isOwn).map(withoutPrefix),
    tenantSecrets: secretsOfEngine(Object.keys(pulumi.runtime.allConfig()), secretKeys()),
  });
  return { ...spec, secretValues: secretValues(spec) };
}

/**
 * Refuses tenants under a new name, judged by the tenants that the stack had after its last update.
 * Throws a `DeclarationError` then; nothing is registered.
 */
export async function refuseRenames({ environment, tenants }: PlatformSpec): Promise<void> {
  const declared = tenants.map(({ name }) => name);
  checkNoRename(`tenants of ${environment}`, declared, await lastTenants());
}

/** Names of the tenants in the stack's own output of its last update; none before the first. */
async function lastTenants(): Promise<string[]> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
    outputs?: { platform?: { tenants?: object } };
  };
  return Object.keys(answer.outputs?.platform?.tenants ?? {});
}

/** The program's own config values by key without the project's prefix; the engine passes structured values as JSON. */
function programConfig(): Record<string, unknown> {
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => isOwn(key));
  return Object.fromEntries(own.map(([key, value]) => [withoutPrefix(key), parseValue(value)]));
}

const isOwn = (key: string): boolean => key.startsWith(prefix);
const withoutPrefix = (key: string): string => key.slice(prefix.length);

/** Keys whose values are encrypted in the stack config; the engine tells the program by this variable only. */
function secretKeys(): string[] {
  return JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
}

/** The values that tenants refer to, as the engine's secrets; no other value is read. */
function secretValues({ tenants }: PlatformSpec): Record<string, pulumi.Output<string>> {
  const config = new pulumi.Config(TENANT_SECRETS);
  const names = tenants.flatMap(({ name, secrets = [] }) =>
    secrets.flatMap(({ data }) => Object.values(data).map((reference) => secretValueName(name, reference))),
  );
  return Object.fromEntries(names.map((name) => [name, config.requireSecret(name)]));
}

function parseValue(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/**
 * The one provider of the cluster. Server-side apply is on, so that a field that somebody else owns is a conflict
 * instead of a silent overwrite. The context is `kubernetes:context` of the stack, else the kubeconfig's current one.
 */
export function clusterProvider(): kubernetes.Provider {
  const config = new pulumi.Config("kubernetes");
  return new kubernetes.Provider("cluster", {
    context: config.get("context"),
    enableServerSideApply: true,
    // Running pods read them: a change must reach the object that they mount, not delete it under them.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    kubeClientSettings: { qps: 200, burst: 400 },
  });
}
