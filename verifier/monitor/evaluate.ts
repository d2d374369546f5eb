/** One evaluation: the verifier's checks on the objects that the monitor follows. */
import { MONITORED_RESOURCES } from "../../components/plan/monitor/rights";
import { buildClusterModel } from "../../policy-pack/model/cluster-model";
import { fromNormal } from "../../policy-pack/model/from-live";
import type { Check, Subject } from "../checks/check";
import { healthCheck } from "../checks/health";
import { quotasCheck } from "../checks/quotas";
import { rulesCheck } from "../checks/rules";
import type { ClusterApi } from "../cluster-api";
import { resourceName, type Resource } from "../live-objects";
import { messageOf, type Result } from "../result";
import { presence } from "../verify";
import type { MonitorDeclaration } from "./declaration";
import { kindOf, type declaredCheck } from "./declared-check";
import { followedName, type Followed } from "./follow";
import type { LiveObject } from "./objects";

/** What one check came to. */
export interface CheckRun {
  check: string;
  results: Result[];
  /** Whether it decided everything that it had to. */
  decided: boolean;
}

/** What an evaluation came to. */
export interface Evaluation {
  runs: CheckRun[];
  /** The objects that it looked at. */
  objects: LiveObject[];
  /** The tenant of a namespace. */
  tenantOf: (namespace: string) => string | undefined;
}

/** What is evaluated. */
export interface EvaluationInput {
  api: ClusterApi;
  declaration: MonitorDeclaration;
  /** Compares what is declared; kept from one evaluation to the next, since it remembers what it has compared. */
  compare: ReturnType<typeof declaredCheck>;
  followed: readonly Followed[];
  /** API groups whose servers are away. */
  unserved: readonly { what: string; why: string }[];
  /** What the objects say that pods do not say. */
  settled: (objects: readonly LiveObject[]) => LiveObject[];
  /** Date as YYYY-MM-DD. */
  today: string;
}

/**
 * Whether nothing is decided without the resource: those of Kubernetes that the monitor has the right to look at. What else a cluster serves, such
 * as custom resources and what newer versions of Kubernetes have, leaves only the check `reading` undecided.
 */
export function isRequired({ group, resource }: Resource): boolean {
  return MONITORED_RESOURCES[group]?.includes(resource) === true;
}

/** Runs every check. A check that breaks off decides nothing, and the others still run. */
export async function evaluate(input: EvaluationInput): Promise<Evaluation> {
  const { api, declaration, compare, followed, unserved, settled, today } = input;
  const objects = followed.flatMap(({ objects: own }) => [...own.values()]);
  const missing = followed
    .filter((one) => !one.isCurrent())
    .map((one) => ({ what: followedName(one), why: one.why() ?? "", required: isRequired(one.resource) }));
  const unreadable = [...missing.filter(({ required }) => required), ...unserved];
  const model = buildClusterModel(fromNormal(settled(objects)), declaration.settings.configuration);
  const resources = followed.filter((one) => one.wasListed()).map(({ resource }) => resource);
  const subject: Subject = {
    api,
    live: { objects, resources, unreadable },
    model,
    settings: declaration.settings,
    today,
  };
  const runs: CheckRun[] = [reading(unreadable, missing)];
  // Where a kind has never been seen, its objects would seem to be missing, which would be an alarm about nothing.
  const isBlind = followed.some((one) => isRequired(one.resource) && !one.wasListed());
  const unseen = new Map([
    ...unserved.map(({ what, why }): [string, string] => [what.split("/")[0] ?? "", why]),
    ...followed
      .filter((one) => !one.wasListed())
      .map((one): [string, string] => [kindOf(one.resource.kind, one.resource.group), one.why() ?? ""]),
  ]);
  for (const check of checksFor(declaration, compare(unseen)))
    runs.push(isBlind ? skipped(check) : await run(check, subject));
  // The model itself is large, and is let go.
  const tenants = new Map(model.tenantNamespaces().map(({ name, tenant }) => [name, tenant]));
  return { runs, objects, tenantOf: (namespace) => tenants.get(namespace) };
}

function checksFor(declaration: MonitorDeclaration, declared: Check): Check[] {
  const namespaces = declaration.tenants.map(({ namespace }) => namespace);
  return [
    { name: "presence", run: (subject) => presence(subject, namespaces) },
    rulesCheck,
    declared,
    quotasCheck,
    healthCheck,
  ];
}

async function run(check: Check, subject: Subject): Promise<CheckRun> {
  const results = await resultsOf(check, subject);
  const decided =
    subject.live.unreadable.length === 0 &&
    results.every(({ outcome, accepted }) => outcome !== "inconclusive" || accepted !== undefined);
  return { check: check.name, results, decided };
}

async function resultsOf(check: Check, subject: Subject): Promise<Result[]> {
  try {
    return await check.run(subject);
  } catch (error) {
    return [undecided(check, messageOf(error))];
  }
}

function skipped(check: Check): CheckRun {
  const results = [undecided(check, "not every kind of object has been listed yet")];
  return { check: check.name, results, decided: false };
}

function undecided({ name }: Check, found: string): Result {
  return { id: name, question: "health", tried: `runs the check ${name}`, outcome: "inconclusive", found };
}

/** Whether everything can be read that has to be; what may be missing is told, and is never a pass either. */
function reading(
  unreadable: readonly { what: string; why: string }[],
  missing: readonly { what: string; why: string; required: boolean }[],
): CheckRun {
  const optional = missing.filter(({ required }) => !required);
  const results = [...unreadable, ...optional].map(({ what, why }): Result => ({
    id: `reading/${what}`,
    question: "health",
    tried: `follows ${what}`,
    outcome: "inconclusive",
    found: why,
    fix: "see whether the API server answers; add the API group to cluster.monitor.apiGroups when the right is missing",
  }));
  const all: Result = {
    id: "reading",
    question: "health",
    tried: "follows every kind of object but Secrets",
    outcome: "isolated",
    found: "each is followed without a break",
  };
  return { check: "reading", results: results.length > 0 ? results : [all], decided: results.length === 0 };
}

/** Whether the resource is one that the monitor leaves alone: Secrets, which it has no right to look at. */
export function isWithheld(resource: Resource): boolean {
  return resourceName(resource) === "secrets";
}
