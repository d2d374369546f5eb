import * as pulumi from "@pulumi/pulumi";
import { listNames, useKnown } from "./spec/suggest";
import { OUTPUT_SCHEMA_VERSION, type NodePoolOutput, type PlatformOutput, type TenantOutput } from "./plan/output";
import { refusal } from "./refusal";

/** Names under which a platform's stack exports its outputs. */
const [PLATFORM, CLIENT_KEYS, TENANT_STACKS] = ["platform", "clientKeys", "tenantStacks"];

/** What another stack's platform tells. Each part is read when it is used, and checked before it is handed on. */
export interface PlatformOutputs {
  /** Everything but the secrets. */
  readonly platform: pulumi.Output<PlatformOutput>;
  /** One tenant. */
  tenant(name: pulumi.Input<string>): pulumi.Output<TenantOutput>;
  /** One node pool. */
  nodePool(name: pulumi.Input<string>): pulumi.Output<NodePoolOutput>;
  /** The key of a tenant's client, for `OLLAMA_API_KEY`: a secret. */
  clientKey(tenant: pulumi.Input<string>, client: pulumi.Input<string>): pulumi.Output<string>;
}

/**
 * Reads the outputs of a platform from another stack.
 *
 * @param reference The platform's stack, for example `new pulumi.StackReference("organization/ollama-platform/prod")`.
 *   A stack that does not exist is refused by the engine, by its name.
 * @returns Typed outputs. Each fails with a `RunError`, which the engine prints without a stack trace, when the stack
 *   has not been deployed yet or exports something else, when its outputs have another version than this package reads,
 *   or when it has no tenant, node pool or client of that name; the message says what there is.
 */
export function platformOutputs(reference: pulumi.StackReference): PlatformOutputs {
  const platform = pulumi
    .all([reference.name, reference.getOutput(PLATFORM)])
    .apply(([stack, value]) => checkPlatform(stack, value));
  const named = <T>(kind: string, name: pulumi.Input<string>, all: (output: PlatformOutput) => Record<string, T>) =>
    pulumi
      .all([reference.name, platform, name])
      .apply(([stack, output, wanted]) => find(stack, kind, wanted, all(output as PlatformOutput)));
  return {
    platform,
    tenant: (name) => named("tenant", name, ({ tenants }) => tenants) as pulumi.Output<TenantOutput>,
    nodePool: (name) => named("node pool", name, ({ nodePools }) => nodePools) as pulumi.Output<NodePoolOutput>,
    clientKey: (tenant, client) =>
      pulumi.secret(
        pulumi
          .all([
            reference.name,
            platform,
            reference.getOutput(CLIENT_KEYS),
            reference.getOutput(TENANT_STACKS),
            tenant,
            client,
          ])
          .apply(async ([stack, output, platformKeys, stacks, owner, name]) => {
            const { clients, suspended } = find(stack, "tenant", owner, (output as PlatformOutput).tenants);
            const holder = isMapping(stacks) ? stacks[owner] : undefined;
            const keys: unknown = typeof holder === "string" ? await keysOf(sibling(stack, holder)) : platformKeys;
            const own = isMapping(keys) ? keys[owner] : undefined;
            const readable = (isMapping(own) ? own : {}) as Record<string, string>;
            if (clients.includes(name) && !suspended && !Object.hasOwn(readable, name)) throw encrypted(stack);
            return find(stack, `client of tenant ${owner}`, name, readable);
          }),
      ),
  };
}

/** A stack of the same project, by the name under which another one is referred to. */
const sibling = (stack: string, name: string): string => [...stack.split("/").slice(0, -1), name].join("/");

/** Keys in the outputs of a stack that holds some of the tenants. */
async function keysOf(stack: string): Promise<unknown> {
  const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name: stack })) as {
    outputs?: Record<string, unknown>;
  };
  return answer.outputs?.[CLIENT_KEYS];
}

function checkPlatform(stack: string, value: unknown): PlatformOutput {
  if (value === undefined || value === null) {
    throw refusal(
      `stack ${stack} has no output \`${PLATFORM}\`: deploy it first, or refer to the stack of an ollama-platform program`,
    );
  }
  const version = isMapping(value) ? value["schemaVersion"] : undefined;
  if (typeof version !== "number" || !isMapping(value)) {
    throw refusal(
      `the output \`${PLATFORM}\` of stack ${stack} has no schemaVersion: it is not that of an ollama-platform program`,
    );
  }
  if (version !== OUTPUT_SCHEMA_VERSION) {
    const way =
      version > OUTPUT_SCHEMA_VERSION
        ? "use a newer release of the package ollama-platform in this program"
        : "deploy the stack with the release of ollama-platform that this program uses";
    throw refusal(
      `the output \`${PLATFORM}\` of stack ${stack} has schemaVersion ${version}, and this program reads ${OUTPUT_SCHEMA_VERSION}: ${way}`,
    );
  }
  if (!isMapping(value["tenants"]) || !isMapping(value["nodePools"])) {
    throw refusal(`the output \`${PLATFORM}\` of stack ${stack} lacks tenants or nodePools`);
  }
  return value as unknown as PlatformOutput;
}

/** The client is there, and its key is not: the engine hands on what it cannot decrypt as if it were not there. */
function encrypted(stack: string): pulumi.RunError {
  return refusal(
    `the output \`${CLIENT_KEYS}\` of stack ${stack} cannot be decrypted here: give this run access to that stack's secrets provider, ` +
      "which for a passphrase is PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
  );
}

function find<T>(stack: string, kind: string, name: string, all: Record<string, T>): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(all);
  const there = known.length === 0 ? "it has none" : `it has ${listNames(known)}`;
  const hint = useKnown(name, known, "");
  throw refusal(`stack ${stack} has no ${kind} ${JSON.stringify(name)}: ${there}${hint === "" ? "" : `; ${hint}`}`);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
