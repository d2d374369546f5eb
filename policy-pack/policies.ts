/** The pack's CrossGuard policies: two names for the engine, every rule behind them. */
import type {
  ReportViolation,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { loadSettings, type PackSettings } from "./settings/load";
import { buildClusterModel, type SourceObject } from "./model/cluster-model";
import { fromPulumi } from "./model/from-pulumi";
import { formatViolation } from "./rules/evaluate";
import { judge, type Judgement } from "./rules/judge";
import type { Rule } from "./rules/rule";
import { announcedSettings } from "./settings/schema";
import { areasOf } from "./settings/selection";

/** Name by which the configuration file addresses the pack. */
export const POLICY_NAME = "tenant-isolation";

/** What people read of the policy that blocks. */
const ISOLATION = {
  name: POLICY_NAME,
  displayName: "Tenants are isolated from each other",
  description: "No tenant can reach, read, starve or outgrow another.",
  enforcementLevel: "mandatory",
  severity: "critical",
  remediationSteps:
    "Each violation names the rule, the object, the field and the fix; docs/policies.md explains every rule.",
} as const;

/** What people read of the policy that does not. */
const NOTICES = {
  name: `${POLICY_NAME}-notices`,
  displayName: "What does not block",
  description: "Noticed, but not blocking.",
  enforcementLevel: "advisory",
  severity: "low",
} as const;

/**
 * The policies. `tenant-isolation` looks at each resource before it is created and at the whole stack afterwards, by
 * one configuration; `tenant-isolation-notices` lists what does not block: advisory rules, exemptions, rules that are
 * switched off. `today` gives the date as YYYY-MM-DD.
 */
export function createPolicies(
  rules: readonly Rule[],
  today: () => string,
): [ResourceValidationPolicy & StackValidationPolicy, StackValidationPolicy] {
  const objectRules = rules.filter((rule) => rule.scope === "object");
  const ruleIds = rules.map((rule) => rule.id);
  const settingsOf = settingsCache(ruleIds);
  const namespaces = new Map<string, SourceObject>();
  const reportedEarlier = new Set<string>();
  // The engine runs stack policies one after the other on the same resources: the second reads the first's verdict.
  let judgement: Judgement | undefined;

  function validateResource(args: ResourceValidationArgs, reportViolation: ReportViolation): void {
    const settings = settingsOf(args.getConfig());
    const sources = fromPulumi([args]);
    // A namespace's labels tell whose it is, and it is registered before what lives in it.
    for (const source of sources)
      if (source.object.kind === "Namespace") namespaces.set(source.object.metadata.name, source);
    const context = sources.flatMap(({ object }) => {
      const namespace = namespaces.get(object.metadata.namespace ?? "");
      return namespace === undefined ? [] : [namespace];
    });
    const model = buildClusterModel([...context, ...sources], settings.configuration);
    for (const violation of judge(objectRules, model, settings, today()).violations) {
      if (violation.origin !== args.urn) continue;
      const message = formatViolation(violation);
      reportedEarlier.add(message);
      reportViolation(message);
    }
  }

  function validateStack(args: StackValidationArgs, reportViolation: ReportViolation): void {
    const settings = settingsOf(args.getConfig());
    const model = buildClusterModel(fromPulumi(args.resources), settings.configuration);
    judgement = judge(rules, model, settings, today());
    for (const violation of judgement.violations) {
      const message = formatViolation(violation);
      // Already refused with the resource itself, so that it need not be read twice.
      if (!reportedEarlier.has(message)) reportViolation(message, urnOf(violation.origin));
    }
    reportedEarlier.clear();
    namespaces.clear();
  }

  function validateNotices(_args: StackValidationArgs, reportViolation: ReportViolation): void {
    if (judgement !== undefined) for (const [message, urn] of notices(judgement)) reportViolation(message, urn);
    judgement = undefined;
  }

  return [
    { ...ISOLATION, configSchema: { properties: { ...announcedSettings(ruleIds) } }, validateResource, validateStack },
    { ...NOTICES, validateStack: validateNotices },
  ];
}

/** Lines of the notices, each with the resource that it is about. */
function notices({
  advisories,
  exempted,
  expired,
  unused,
  disabled,
  unselected,
  skipped,
}: Judgement): [string, string | undefined][] {
  return [
    ...advisories.map((v): [string, string | undefined] => [`advisory ${formatViolation(v)}`, urnOf(v.origin)]),
    ...exempted.map(({ violation: v, exemption }): [string, string | undefined] => [
      `exempt until ${exemption.expires} (${exemption.reason}): ${formatViolation(v)}`,
      urnOf(v.origin),
    ]),
    ...expired.map((e): [string, undefined] => [
      `expired on ${e.expires}: the exemption of ${e.object} from ${e.rule}. Remove it from the configuration.`,
      undefined,
    ]),
    ...unused.map((e): [string, undefined] => [
      `unused: the exemption of ${e.object} from ${e.rule}. Remove it from the configuration.`,
      undefined,
    ]),
    ...disabled.map(({ rule, reason }): [string, undefined] => [`switched off: rule ${rule} (${reason})`, undefined]),
    ...notLookedAt("not selected", unselected),
    ...notLookedAt("not judged, because a rule is broken on which all others rest", skipped),
  ];
}

/** One line on rules that were not looked at, so that a preview is not taken for more than it is. */
function notLookedAt(why: string, rules: readonly string[]): [string, undefined][] {
  if (rules.length === 0) return [];
  return [[`${why}: ${rules.length} rules, of ${areasOf(rules).join(", ")}`, undefined]];
}

function urnOf(origin: string): string | undefined {
  return origin.startsWith("urn:") ? origin : undefined;
}

/** Settings by their text: the engine hands over the same ones for each of thousands of resources, mostly as one object. */
function settingsCache(ruleIds: readonly string[]): (raw: object) => PackSettings {
  let lastRaw: object | undefined;
  let lastText: string | undefined;
  let last: PackSettings | undefined;
  return (raw) => {
    if (last !== undefined && raw === lastRaw) return last;
    lastRaw = raw;
    const text = JSON.stringify(raw);
    if (last === undefined || text !== lastText) {
      last = loadSettings(raw as Record<string, unknown>, ruleIds);
      lastText = text;
    }
    return last;
  };
}
