import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import type { User } from "@kubernetes/client-node";
import { type AskedCluster, IDENTITY_PATH, identifyCluster } from "./components/cluster-identity";
import { checkDeployer } from "./components/config/deployer";
import { loadEnvironment } from "./components/config/load";
import { checkNoRename } from "./components/config/renames";
import type { GuardProbe } from "./components/guard-in-force";
import { type ProbeAnswer, probeBy } from "./components/guard-probe";
import { DeclarationError } from "./components/spec/fault";
import { PROBED_NAMESPACE } from "./components/plan/guard/in-force";
import type { PlatformSpec } from "./components/spec/index";
import { secretsOfEngine, TENANT_SECRETS } from "./components/config/stack-secrets";
import { secretValueName } from "./components/spec/secrets";
import {
  APPLIED_PART,
  environmentOf,
  partOfStack,
  stacksOfEnvironment,
  type StackPart,
  type StackPlaces,
} from "./components/stack-parts";
import { heldTenants, type HoldingOutputs, refuseUnmoved } from "./components/stack-tenants";

const prefix = `${pulumi.getProject()}:`;

/** What a stack is declared to be. */
export interface StackDeclaration {
  /** The whole environment, whatever of it this stack registers. */
  spec: PlatformSpec;
  /** What this stack registers of an environment that has several; absent when it registers everything. */
  part?: StackPart;
  /** All stacks of such an environment. */
  places?: StackPlaces;
}

/**
 * What the stack's config and tenant files declare.
 * Throws a `DeclarationError` that lists every fault of every file; nothing is registered then.
 */
export function stackDeclaration(): StackDeclaration {
  const config = programConfig();
  const loaded = loadEnvironment({
    environment: environmentOf(pulumi.getStack(), config["tenantStacks"] !== undefined),
    config,
    root: process.cwd(),
    secretKeys: secretKeys().filter(isOwn).map(withoutPrefix),
    tenantSecrets: secretsOfEngine(Object.keys(pulumi.runtime.allConfig()), secretKeys()),
  });
  const spec = { ...loaded.spec, secretValues: secretValues(loaded.spec) };
  const places = stacksOfEnvironment(loaded);
  if (places === undefined) return { spec };
  return { spec, places, part: partOfStack(pulumi.getStack(), places, process.cwd(), loaded.spec) };
}

/** The stack's own outputs after its last update, as far as the program looks at them again; empty before the first. */
export interface LastOutputs extends HoldingOutputs {
  /** Identity of the cluster that the stack's objects are in. */
  clusterIdentity?: string;
}

/** Asks the engine for the stack's own outputs of its last update. */
export async function lastOutputs(): Promise<LastOutputs> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const answer = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as { outputs?: LastOutputs };
  return answer.outputs ?? {};
}

/**
 * Refuses tenants under a new name, judged by the tenants that the stack had after its last update, and an update that would take tenants from
 * the stack that holds them. Throws a `DeclarationError` or a `RunError` then; nothing is registered.
 */
export async function refuseLosses({ spec, part, places }: StackDeclaration, last: LastOutputs): Promise<void> {
  const declared = spec.tenants.map(({ name }) => name);
  const known = part?.hasPlatform === false ? heldTenants(last) : Object.keys(last.platform?.tenants ?? {});
  // To a stack with some of the tenants, those of other stacks are neither new nor gone.
  const own = declared.filter(
    (name) => part?.hasPlatform !== false || part.tenants.includes(name) || known.includes(name),
  );
  checkNoRename(`tenants of ${spec.environment}`, own, known);
  const others = [...(places?.stacks.map(({ stack }) => stack) ?? []), ...Object.values(last.tenantStacks ?? {})];
  const stack = pulumi.getStack();
  const distinct = [...new Set(others)].filter((name) => name !== stack);
  await refuseUnmoved(stack, part?.tenants ?? declared, declared, distinct, last);
}

/** What the program exports beside the platform's outputs when the environment has several stacks. */
export function partOutputs({ part, places }: StackDeclaration): Pick<LastOutputs, "ownTenants" | "tenantStacks"> {
  if (part === undefined) return {};
  // The platform's stack tells where every tenant's keys are.
  return { ownTenants: [...part.tenants], ...(part.hasPlatform && { tenantStacks: places?.stackOf ?? {} }) };
}

/**
 * Notes that everything of a part is there. It comes last and goes first, so that a stack that has it, with the digest that its platform has
 * too, was neither left in the middle of an update nor in that of its destruction.
 */
export function noteApplied(part: StackPart, platform: pulumi.Resource): void {
  const { digest, objects } = part;
  new pulumi.ComponentResource(APPLIED_PART, "ollama-applied", { part: digest, objects }, { dependsOn: platform });
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

/** The cluster of a run. */
export interface TargetCluster {
  /** See `identifyCluster`. */
  identity?: string;
  /** The provider's kubeconfig. Absent: the file that KUBECONFIG names. */
  kubeconfig?: string;
  /** Waits for the admission guard. Absent when the cluster could not be asked. */
  guardProbe?: GuardProbe;
  /** Name of the user that acts, as the API server sees it. Absent when it could not be asked. */
  user?: string;
}

/** What the cluster of a run says of itself. */
export type AskedTarget = AskedCluster & Omit<TargetCluster, "identity">;

/** Asks the cluster that this run is for who it is. */
export const askTarget = (): Promise<AskedTarget> => askCluster(new pulumi.Config("kubernetes").get("context"));

/**
 * The cluster that this run is for; with a warning where it could not be asked who it is.
 * Throws a `DeclarationError` when it is not the stack's; nothing is registered then.
 */
export async function targetCluster(answer: AskedTarget, last: LastOutputs): Promise<TargetCluster> {
  const config = new pulumi.Config("kubernetes");
  const { kubeconfig, guardProbe, user, ...asked } = answer;
  const identity = identifyCluster({
    stack: pulumi.getStack(),
    asked,
    remembered: last.clusterIdentity,
    pinned: config.get("clusterIdentifier"),
    isPreview: pulumi.runtime.isDryRun(),
  });
  if (asked.identity === undefined) {
    await pulumi.log.warn(
      `the cluster was not asked: ${asked.place}: ${asked.reason}; what is shown rests on the stack's state alone`,
    );
  }
  return { identity, kubeconfig, guardProbe, user };
}

const secondsToAnswer = 10;

/** A kubeconfig that leads nowhere: with it the provider previews by itself, at once. */
const NOWHERE = JSON.stringify({ apiVersion: "v1", kind: "Config" });

/** Asks the cluster of the kubeconfig, found as kubectl finds it, for the UID of its namespace `kube-system`. */
async function askCluster(context: string | undefined): Promise<AskedTarget> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  let place = context === undefined ? "current context" : `context ${context}`;
  const anonymous = pulumi.runtime.isDryRun() ? NOWHERE : undefined;
  let kubeconfig: string | undefined = anonymous;
  try {
    config.loadFromDefault();
    if (context !== undefined) config.setCurrentContext(context);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined)
      return { place, kubeconfig, reason: "the kubeconfig has no such context, or no cluster for it" };
    const { protocol, host } = new URL(server);
    place = `context ${config.getCurrentContext()}, ${protocol}//${host}`;
    if (hasCredentials(config.getCurrentUser())) kubeconfig = AS_KUBECTL;
    const options: RequestOptions = { timeout: secondsToAnswer * 1000 };
    // An address without TLS, as that of `kubectl proxy`, is asked as it is.
    if (protocol === "https:") await config.applyToHTTPSOptions(options);
    const root = server.replace(/\/+$/, "");
    const { status, text } = await ask(root + IDENTITY_PATH, options);
    if (status !== 200) throw new Error(`${IDENTITY_PATH} answered ${status}`);
    if (kubeconfig !== AS_KUBECTL) kubeconfig = undefined;
    const user = await whoAmI(root, options);
    return { place, kubeconfig, identity: uidOf(text), guardProbe: guardProbe(root, options), user };
  } catch (error) {
    return { place, kubeconfig, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Lets the provider find the kubeconfig as kubectl does. Where it finds no credentials, it asks for them on a terminal that it has not. */
const AS_KUBECTL = "";

function hasCredentials(user: User | null): boolean {
  const { token, username, certData, certFile, authProvider, exec } = user ?? {};
  return [token, username, certData, certFile, authProvider, exec].some((one) => one !== undefined && one !== "");
}

/** The answer of an address. Throws when there is none in time. */
function ask(address: string, options: RequestOptions, body?: string): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const send = address.startsWith("https:") ? httpsRequest : httpRequest;
    const request = send(address, { ...options, signal: AbortSignal.timeout(secondsToAnswer * 1000) }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.once("error", (error) =>
      reject(error.name === "AbortError" ? new Error(`no answer within ${secondsToAnswer} s`) : error),
    );
    request.end(body);
  });
}

/** Asks by trying to make the namespace that the guard lets nobody make. */
function guardProbe(server: string, options: RequestOptions): GuardProbe {
  const body = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: PROBED_NAMESPACE } });
  const headers = { ...options.headers, "content-type": "application/json" };
  return probeBy({
    attempt: () => ask(`${server}/api/v1/namespaces?dryRun=All`, { ...options, method: "POST", headers }, body),
    warn: (reason) => pulumi.log.warn(reason),
  });
}

/** Name of the user of a kubeconfig; undefined when the API server does not say it. */
async function whoAmI(server: string, options: RequestOptions): Promise<string | undefined> {
  const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
  const headers = { ...options.headers, "content-type": "application/json" };
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const silent = (): ProbeAnswer => ({ status: 0, text: "" });
  const { status, text } = await ask(server + path, { ...options, method: "POST", headers }, body).catch(silent);
  if (status !== 201) return undefined;
  return (JSON.parse(text) as { status?: { userInfo?: { username?: string } } }).status?.userInfo?.username;
}

/**
 * Refuses a first update whose user the declared guard would not let go on; later ones are warned, since they may have nothing to change.
 * A preview may be another user's. Throws a `DeclarationError`; nothing is registered then.
 */
export async function refuseStrangers(
  { environment, cluster }: PlatformSpec,
  { user }: TargetCluster,
  last: LastOutputs,
): Promise<void> {
  if (pulumi.runtime.isDryRun()) return;
  try {
    checkDeployer(`Pulumi.${environment}.yaml`, cluster?.guard, user);
  } catch (error) {
    if (last.clusterIdentity === undefined || !(error instanceof DeclarationError)) throw error;
    await pulumi.log.warn(error.message);
  }
}

function uidOf(object: string): string | undefined {
  return (JSON.parse(object) as { metadata?: { uid?: string } }).metadata?.uid;
}

/**
 * The one provider of the cluster. Server-side apply is on, so that a field that someone else owns is a conflict
 * instead of a silent overwrite. The context is `kubernetes:context` of the stack, else the kubeconfig's current one.
 *
 * The provider is never replaced, since that would replace every object of the stack, namespaces, volumes and keys among them. So the
 * kubeconfig is no input of it where that is possible, and its identifier stays the first that it had.
 */
export function clusterProvider({ identity, kubeconfig }: TargetCluster, last: LastOutputs): kubernetes.Provider {
  const config = new pulumi.Config("kubernetes");
  // A stack of an older program has none yet: to be given one replaces nothing.
  const lacksIdentifier = last.platform !== undefined && last.clusterIdentity === undefined;
  return new kubernetes.Provider(
    "cluster",
    {
      kubeconfig,
      clusterIdentifier: identity,
      context: config.get("context"),
      enableServerSideApply: true,
      // Running pods read them: a change must reach the object that they mount, not delete it under them.
      enableConfigMapMutable: true,
      enableSecretMutable: true,
      kubeClientSettings: { qps: 200, burst: 400 },
    },
    { ignoreChanges: lacksIdentifier ? [] : ["clusterIdentifier"] },
  );
}
