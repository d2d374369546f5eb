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

/** What is weaker: a rule is broken, a connection is open, a right is held, an amount is larger, a fence or a level is gone, a model is allowed. */
export type WeakeningKind = "violation" | "path" | "right" | "amount" | "fence" | "level" | "model";

/** One thing that is weaker than before. */
export interface Weakening {
  kind: WeakeningKind;
  /** Tenant concerned; undefined when it is none or the whole cluster. */
  tenant?: string;
  /** A sentence for people. */
  what: string;
}
