/** A report on the rules' compliant environment, changed as a test wants. */
import { loadSettings } from "../../../policy-pack/settings/load";
import { buildReport, type Report } from "../../../tools/report/report";
import { judgeObjects } from "../../../tools/report/state";
import { compliantObjects, find, type Loose, ruleIds, settings } from "../policy-pack/fixture";

export const TODAY = "2026-03-01";
export { compliantObjects, find, type Loose, settings };

/** Report on the environment after `apply`, compared with the environment before it. */
export function reportOf(apply: (objects: Loose[]) => void, used = settings): Report {
  const objects = compliantObjects();
  apply(objects);
  const previous = { name: "revision main", state: judgeObjects(compliantObjects(), settings, TODAY) };
  return buildReport("dev", TODAY, judgeObjects(objects, used, TODAY), previous);
}

/** The fixture's settings with more of them. */
export function settingsWith(more: Record<string, unknown>) {
  const { levels, exemptions } = loadSettings(more, ruleIds);
  return { ...settings, levels, exemptions };
}

/** Gives a tenant another name for people. */
export function rename(objects: Loose[], name: string): void {
  find(objects, "Namespace", "tenant-hr").metadata.annotations = { "ollama-platform.io/display-name": name };
}
