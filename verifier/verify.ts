/** Runs the checks on a cluster. */
import type { PackSettings } from "../policy-pack/settings/load";
import { buildClusterModel } from "../policy-pack/model/cluster-model";
import { fromNormal } from "../policy-pack/model/from-live";
import type { ClusterApi } from "./cluster-api";
import { admissionCheck } from "./checks/admission";
import type { Check, Subject } from "./checks/check";
import { controlPlaneCheck } from "./checks/control-plane";
import { checkDrift } from "./checks/drift";
import { healthCheck } from "./checks/health";
import { quotasCheck } from "./checks/quotas";
import { rightsCheck } from "./checks/rights";
import { rulesCheck } from "./checks/rules";
import { checkTraffic, type TrafficOptions } from "./checks/traffic";
import { settledObjects } from "./settled";
import type { ApiObject } from "./drift/api";
import { readLiveObjects, whyUnseen } from "./live-objects";
import { messageOf, QUESTIONS, type Question, type Result } from "./result";
import { removeLeftovers } from "./traffic/session";

export const CHECKS: readonly Check[] = [
  rulesCheck,
  rightsCheck,
  admissionCheck,
  quotasCheck,
  controlPlaneCheck,
  healthCheck,
];

/** What to verify. */
export interface VerifyOptions {
  api: ClusterApi;
  settings: PackSettings;
  /** Date as YYYY-MM-DD, on which exemptions are looked at. */
  today: string;
  /** Namespaces that must be there, such as those of the declared tenants. Default: none. */
  expectedNamespaces?: readonly string[];
  /** What the stack declares, to which the live objects are compared. Default: nothing is compared. */
  declared?: readonly ApiObject[];
  /** Sends traffic, from probe pods that are removed again. Default: none is sent. */
  traffic?: TrafficOptions;
}

/** A verification, with the cluster as it was read for it. */
export interface Verification {
  subject: Subject;
  /** By question, then in the order of the checks. */
  results: Result[];
}

/**
 * Reads the live objects and runs every check on them. Without traffic nothing is changed in the cluster: it is read, asked for
 * reviews, and asked what it would do.
 *
 * @throws Error when the API server does not answer, or does not tell what it serves.
 */
export async function verifyCluster(options: VerifyOptions): Promise<Verification> {
  if (options.traffic !== undefined) await removeLeftovers(options.api);
  const subject = await readSubject(options);
  return { subject, results: await resultsOn(subject, options) };
}

/** The results of `verifyCluster`. */
export async function verify(options: VerifyOptions): Promise<Result[]> {
  return (await verifyCluster(options)).results;
}

async function resultsOn(subject: Subject, options: VerifyOptions): Promise<Result[]> {
  const { expectedNamespaces = [], declared, traffic } = options;
  const results = [...presence(subject, expectedNamespaces)];
  const more: Check[] = [
    ...(declared === undefined ? [] : [{ name: "drift", run: (seen: Subject) => checkDrift(seen, declared) }]),
    ...(traffic === undefined ? [] : [{ name: "traffic", run: (seen: Subject) => checkTraffic(seen, traffic) }]),
  ];
  for (const check of [...CHECKS, ...more]) results.push(...(await runCheck(check, subject)));
  const questions = Object.keys(QUESTIONS);
  const place = ({ question }: Result): number => questions.indexOf(question);
  return results
    .map((result, index) => ({ result, index }))
    .sort((a, b) => place(a.result) - place(b.result) || a.index - b.index)
    .map(({ result }) => result);
}

/**
 * Reads the live objects.
 *
 * @throws Error when the API server does not answer, or does not tell what it serves.
 */
export async function readSubject({ api, settings, today }: VerifyOptions): Promise<Subject> {
  const live = await readLiveObjects(api);
  const model = buildClusterModel(fromNormal(await settledObjects(api, live)), settings.configuration);
  return { api, live, model, settings, today };
}

/** A check that breaks off proves nothing, and the others still run. */
async function runCheck(check: Check, subject: Subject): Promise<Result[]> {
  try {
    const results = await check.run(subject);
    return results.length > 0 ? results : [unanswered(check, "there was nothing to look at")];
  } catch (error) {
    return [unanswered(check, messageOf(error))];
  }
}

const QUESTION_OF_CHECK: Record<string, Question> = {
  rights: "rights",
  quotas: "quotas",
  "control-plane": "audit",
  health: "health",
  traffic: "network",
};

function unanswered({ name }: Check, why: string): Result {
  return {
    id: name,
    question: QUESTION_OF_CHECK[name] ?? "namespaces",
    tried: `runs the check ${name}`,
    outcome: "inconclusive",
    found: why,
    fix: "run the verifier again; where tenants are missing, `npm run up` creates what is declared",
  };
}

/** Namespaces that are declared, and whether they are there: what is gone breaks no rule. */
export function presence({ model, live }: Subject, expected: readonly string[]): Result[] {
  const unseen = whyUnseen(live, ["namespaces"]);
  return expected.map((namespace) => {
    const there = model.namespaces.get(namespace)?.object !== undefined;
    const base = {
      id: `presence/${namespace}`,
      question: "namespaces" as const,
      tenant: model.tenantOf(namespace),
      tried: `looks for the declared namespace ${namespace}`,
    };
    if (!there && unseen !== undefined)
      return { ...base, outcome: "inconclusive", found: `not everything could be read: ${unseen}` };
    return {
      ...base,
      outcome: there ? "isolated" : "open",
      found: there ? "it is there" : "it is not in the cluster",
      ...(!there && { fix: "`npm run up` creates what is declared" }),
    };
  });
}
