import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { platformObjects, type PlatformPlan } from "../../components/plan/platform";
import type { SourceObject } from "../../policy-pack/model/cluster-model";
import { formatViolation } from "../../policy-pack/rules/evaluate";
import { inTurns } from "../../policy-pack/rules/turns";
import { loadSettings, type PackSettings } from "../../policy-pack/settings/load";
import { rules } from "../../policy-pack/rules";
import { type LocalStack, policyConfiguration } from "../local/stack";
import { settingsIn } from "../report/settings";
import { type JudgedState, judging, judgingObjects, sourcesOf } from "../report/state";
import type { PartStack } from "./open";
import type { SavedPart } from "./saved";

/** The pack's settings of an environment; its defaults where no file says otherwise. */
function settingsOf(project: string, environment: string): PackSettings {
  const file = policyConfiguration(project, environment);
  const ids = rules.map(({ id }) => id);
  return existsSync(file) ? settingsIn(file, path.relative(project, file)) : loadSettings({}, ids);
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** What the policy pack refuses in an environment, whatever the number of its stacks; judged in turns with what else goes on. */
export interface Gate {
  /** What it refuses in a plan of the whole. */
  violationsOfPlan(plan: PlatformPlan): Promise<string[]>;
  /** What it refuses in what the stacks have, taken together. */
  violationsOfStates(sources: readonly SourceObject[]): Promise<string[]>;
}

/** The pack with the settings of an environment, which are read once: what rules remember of an object holds for the same settings only. */
export function openGate(project: string, environment: string): Gate {
  const settings = settingsOf(project, environment);
  return {
    violationsOfPlan: async (plan) => linesOf(await inTurns(judgingObjects(platformObjects(plan), settings, today()))),
    violationsOfStates: async (sources) => linesOf(await inTurns(judging(sources, settings, today()))),
  };
}

/** Objects that a stack has, of its state. */
export const objectsOfState = (saved: SavedPart): SourceObject[] => sourcesOf(saved.resources);

const linesOf = ({ judgement }: JudgedState): string[] => judgement.violations.map(formatViolation);

/** Why a rule is switched off in a stack with tenants. */
export const OF_THE_WHOLE_REASON =
  "the guard is in the platform's stack; the plan of all stacks together is judged by this rule";

/** Rules that ask for objects of the platform's stack, which a stack with tenants has not, with the reason that is told. */
const OF_THE_WHOLE = {
  "admission/guard-present": {
    level: "disabled",
    reason: OF_THE_WHOLE_REASON,
  },
};

/**
 * The pack's configuration for one stack: the environment's, in a stack with tenants without the rules that only the whole can fulfil.
 *
 * @returns Path of the file, which need not be there for the platform's stack.
 */
export function configurationOfPart({ stack, part }: PartStack, base: LocalStack): string {
  const file = policyConfiguration(base.project, base.name);
  if (part === undefined || part.hasPlatform) return file;
  const whole = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, object>) : {};
  const own = { enforcementLevel: "mandatory", ...whole["tenant-isolation"] } as { rules?: object };
  const written = { ...whole, "tenant-isolation": { ...own, rules: { ...own.rules, ...OF_THE_WHOLE } } };
  const target = `${stack.configFile}.policies.json`;
  writeFileSync(target, JSON.stringify(written));
  return target;
}
