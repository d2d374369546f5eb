/**
 * Policy reports: what the monitor found, in the form that dashboards for Kubernetes policies read: the fields that the
 * policy working group's `PolicyReport` v1alpha2 and OpenReports' `Report` v1alpha1 share.
 */
import { groupBy } from "../../policy-pack/model/cluster-model";
import { isFailure, QUESTIONS, type Question, type Result } from "../result";
import type { Evaluation } from "./evaluate";
import { ruleOf } from "./figures";

/** What a report says of one question. */
type Verdict = "pass" | "fail" | "warn" | "error" | "skip";

/** One line of a report. */
export interface ReportResult {
  source: string;
  policy: Question;
  category: string;
  result: Verdict;
  severity?: "high";
  message: string;
  properties?: Record<string, string>;
}

/** What is in a report, without its kind and name. */
export interface Report {
  /** What it is about. */
  scope: { apiVersion: "v1"; kind: "Namespace"; name: string };
  /** Lines by verdict. */
  summary: Record<Verdict, number>;
  /** One for each question, so that a report never grows. */
  results: ReportResult[];
}

/** A tenant as the declaration names it. */
export interface ReportedTenant {
  name: string;
  namespace: string;
}

/** Name of the report on what belongs to no tenant. */
const PLATFORM_REPORT = "platform";
const SOURCE = "ollama-platform-monitor";
const MOST_SHOWN = 5;
const LONGEST = 200;

/** Name of a tenant's report. */
const nameFor = (tenant: string): string => `tenant-${tenant}`;

/**
 * Reports by name.
 *
 * @param ownNamespace Namespace that the report on the cluster names as what it is about.
 */
export function reportsOf(
  { runs }: Evaluation,
  tenants: readonly ReportedTenant[],
  ownNamespace: string,
): Map<string, Report> {
  const byTenant = groupBy(
    runs.flatMap(({ results }) => results),
    ({ tenant = "" }) => tenant,
  );
  const shared = byTenant.get("") ?? [];
  // A check that broke off has answered none of its questions.
  const broken = runs.filter(({ check, results }) => results.some((one) => one.id === check && isUndecided(one)));
  const why = broken.map(({ check }) => `the check ${check} could not be made`).join("; ");
  const about = (namespace: string, own: readonly Result[]) =>
    reportOf(namespace, (question) => lineOf(question, own, shared, why));
  return new Map([
    [PLATFORM_REPORT, about(ownNamespace, shared)],
    ...tenants.map(({ name, namespace }) => [nameFor(name), about(namespace, byTenant.get(name) ?? [])] as const),
  ]);
}

/** The same reports while nothing is known: none of their lines is a pass. */
export function unknownReports(
  why: string,
  tenants: readonly ReportedTenant[],
  ownNamespace: string,
): Map<string, Report> {
  const about = (namespace: string) =>
    reportOf(namespace, (question) => line(question, "error", `not known: ${shortened(why)}`));
  return new Map([
    [PLATFORM_REPORT, about(ownNamespace)],
    ...tenants.map(({ name, namespace }) => [nameFor(name), about(namespace)] as const),
  ]);
}

function reportOf(namespace: string, lineFor: (question: Question) => ReportResult): Report {
  const results = (Object.keys(QUESTIONS) as Question[]).map(lineFor);
  const count = (verdict: Verdict) => results.filter(({ result }) => result === verdict).length;
  return {
    scope: { apiVersion: "v1", kind: "Namespace", name: namespace },
    summary: {
      pass: count("pass"),
      fail: count("fail"),
      warn: count("warn"),
      error: count("error"),
      skip: count("skip"),
    },
    results,
  };
}

/** Undecided, and not accepted as that by the settings. */
const isUndecided = ({ outcome, accepted }: Result): boolean => outcome === "inconclusive" && accepted === undefined;

/** What is undecided of the cluster is undecided of every tenant; what is open of the cluster is in the cluster's report alone. */
function lineOf(question: Question, own: readonly Result[], shared: readonly Result[], broken: string): ReportResult {
  const isAsked = (result: Result) => result.question === question;
  const mine = own.filter(isAsked);
  const common = shared.filter(isAsked);
  const open = mine.filter(isFailure);
  if (open.length > 0) {
    const rules = [...new Set(open.map(ruleOf))].sort().join(", ");
    const properties = { open: `${open.length}`, rules: shortened(rules) };
    return { ...line(question, "fail", found(open)), severity: "high", properties };
  }
  const undecided = [...new Set([...mine, ...common])].filter(isUndecided);
  if (undecided.length > 0) return line(question, "error", found(undecided));
  if (broken !== "") return line(question, "error", broken);
  const accepted = mine.filter((result) => result.accepted !== undefined);
  if (accepted.length > 0) return line(question, "warn", `accepted by the settings: ${found(accepted)}`);
  const isAnswered = [...mine, ...common].some(({ outcome }) => outcome === "isolated");
  return isAnswered
    ? line(question, "pass", "nothing is open, as long as the monitor runs: see its metric ollama_monitor_current")
    : line(question, "skip", "the monitor does not look at this: npm run verify does");
}

function line(policy: Question, result: Verdict, message: string): ReportResult {
  return { source: SOURCE, policy, category: QUESTIONS[policy], result, message };
}

/** The first of what was found, in an order that does not change from one evaluation to the next. */
function found(results: readonly Result[]): string {
  const texts = results.map((result) => `${ruleOf(result)}: ${shortened(result.found)}`).sort();
  const more = texts.length > MOST_SHOWN ? [`and ${texts.length - MOST_SHOWN} more`] : [];
  return [...texts.slice(0, MOST_SHOWN), ...more].join("; ");
}

const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);
