/** Which rules are looked at: all of them, or those of some areas and frameworks. */

/** Frameworks that ask for what the rules ask, by the names that settings use. */
export const FRAMEWORKS = {
  nsa: "NSA/CISA Kubernetes Hardening Guide",
  cis: "CIS Kubernetes Benchmark",
  "pod-security": "Pod Security Standards",
  owasp: "OWASP Kubernetes Top Ten",
  nist: "NIST SP 800-190",
} as const;

/** Name of a framework in settings. */
export type FrameworkName = keyof typeof FRAMEWORKS;

/** Rules by what they are about and by who asks for them; a rule has to match both where both are given. */
export interface Selection {
  /** Areas, the first part of rule IDs. Default: all. */
  areas?: string[];
  /** Frameworks, one of which has to ask for the rule. Default: all. */
  frameworks?: FrameworkName[];
}

/** What a selection looks at in a rule. */
interface Selectable {
  id: string;
  frameworks: readonly { framework: string }[];
}

/** Area whose rules are always looked at, because every other verdict rests on them: that all objects and values are seen. */
const FOUNDATION = "objects";

/** Area of a rule. */
export function areaOf(id: string): string {
  return id.split("/")[0] ?? "";
}

/** Areas of rules, each once, in their order. */
export function areasOf(ruleIds: readonly string[]): string[] {
  return [...new Set(ruleIds.map(areaOf))];
}

/** Whether a rule is looked at. */
export function isSelected({ id, frameworks }: Selectable, { areas, frameworks: wanted }: Selection): boolean {
  // Asked for every rule on every object; most settings select nothing.
  if (areas === undefined && wanted === undefined) return true;
  if (areaOf(id) === FOUNDATION) return true;
  return (
    (areas === undefined || areas.includes(areaOf(id))) &&
    (wanted === undefined || frameworks.some(({ framework }) => wanted.some((name) => FRAMEWORKS[name] === framework)))
  );
}
