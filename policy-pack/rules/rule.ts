/** What a rule is. Each file under `rules/<area>/` exports one as `rule`. */
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import type { FrameworkName, FRAMEWORKS } from "../settings/selection";
import type { PackConfiguration } from "../settings/settings";

/** How much a tenant's isolation suffers when the rule is broken. */
export type Severity = "low" | "medium" | "high" | "critical";

/** Where a published framework asks for the invariant. */
export interface FrameworkReference {
  framework: (typeof FRAMEWORKS)[FrameworkName];
  /** Section, control number or profile within the framework. */
  reference: string;
}

/**
 * What the verdict on an object depends on. `object`: the object itself and the tenant of its namespace, so that it can
 * be refused before it is created. `cluster`: other objects too, or the absence of objects.
 */
export type RuleScope = "object" | "cluster";

/** One invariant. */
export interface Rule {
  /** `<area>/<file name>`. */
  id: string;
  /** The invariant in one sentence. */
  title: string;
  severity: Severity;
  scope: RuleScope;
  /** Whether no other rule is looked at where this one is broken, because their verdicts would be wrong. Default: false. */
  decisive?: boolean;
  frameworks: FrameworkReference[];
  /** What to do about a violation, in general terms. */
  remediation: string;
  /** Sections of the pack's configuration that change the verdict. */
  configuredBy?: (keyof PackConfiguration)[];
  /** Every breach of the invariant in the model. Pure: the same model and configuration give the same findings. */
  check(model: ClusterModel, configuration: PackConfiguration): Finding[];
}

/** A breach as a rule reports it. */
export interface Finding {
  object: ModelObject;
  /** Path of the offending or missing field in the object. */
  field: string;
  /** What is wrong, with the value found, as a clause that follows the field: `is true, which ...`. */
  message: string;
  /** What to write instead. Default: the rule's remediation. */
  fix?: string;
}

/** A breach as it is reported to people. */
export interface Violation {
  /** ID of the rule. */
  rule: string;
  severity: Severity;
  /** `Kind namespace/name`. */
  object: string;
  /** Pulumi URN, manifest file or `live`. */
  origin: string;
  field: string;
  message: string;
  fix: string;
}
