/** What a comparison of two states starts from, and what each part of it finds. */
import type { ClusterModel } from "../model/cluster-model";
import type { PackConfiguration } from "../settings/settings";
import type { Violation } from "../rules/rule";

/** An environment as the pack sees it. */
export interface State {
  model: ClusterModel;
  configuration: PackConfiguration;
  /** Violations of the pack's rules, those that do not block included. */
  violations: readonly Violation[];
}

/**
 * What is weaker, that which opens most first: a rule is broken, a connection is open, a right is held, a fence or a
 * level is gone, a model is allowed, an amount is larger.
 */
export const weakeningKinds = ["violation", "path", "right", "fence", "level", "model", "amount"] as const;
export type WeakeningKind = (typeof weakeningKinds)[number];

/** One thing that is weaker than before. */
export interface Weakening {
  kind: WeakeningKind;
  /** Tenant concerned; undefined when it is none or the whole cluster. */
  tenant?: string;
  /** A sentence for people. */
  what: string;
}

/** Tenants of `after` that are not in `before`. What each tenant has, such as its own roles and names to look up, is no weakening of theirs. */
export function newTenants(before: State, after: State): ReadonlySet<string> {
  const tenantsOf = ({ model }: State): string[] => model.tenantNamespaces().flatMap(({ tenant }) => tenant ?? []);
  const known = new Set(tenantsOf(before));
  return new Set(tenantsOf(after).filter((tenant) => !known.has(tenant)));
}

/** The findings, those that open most first. */
export function ranked(weakenings: readonly Weakening[]): Weakening[] {
  const rank = ({ kind }: Weakening): number => weakeningKinds.indexOf(kind);
  return [...weakenings].sort((a, b) => rank(a) - rank(b));
}
