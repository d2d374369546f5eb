import { readTotalBytes } from "./amounts";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import type { Integer, Quantity } from "./forms";
import { below } from "./path";
import { readText } from "./read";

/** What clients meet when the service of shared limits has been away for longer than the grace. */
export const UnavailableLimits = {
  /** Clients with requests per minute or budgets are refused until it is back. */
  refuse: "refuse",
  /** Each replica counts for itself until it is back. */
  countPerReplica: "countPerReplica",
} as const;
export type UnavailableLimits = (typeof UnavailableLimits)[keyof typeof UnavailableLimits];

/** Counts clients' requests per minute and budgets over all replicas of a tenant's server, and over restarts. */
export interface SharedLimitsSpec {
  /**
   * What clients with such limits meet when the counts have been away for longer than the grace. Default: `refuse`.
   * @default "refuse" @examples ["countPerReplica"]
   */
  whenUnavailable?: UnavailableLimits;
  /**
   * Seconds for which each replica counts for itself while the counts are away; 0: none. Default: 60.
   * @minimum 0 @maximum 86400 @default 60 @examples [300]
   */
  graceSeconds?: Integer;
  /**
   * Size of a volume for the counts as a quantity. Default: none, so that the counts outlast a restart of their container and not the end of their pod.
   * @examples ["1Gi"]
   */
  storageSize?: Quantity;
  /**
   * StorageClass of that volume. Default: the cluster's default class.
   * @minLength 1 @maxLength 253 @examples ["block-storage"]
   */
  storageClass?: string;
}

/** The same with every default filled in. */
export interface SharedLimits {
  whenUnavailable: UnavailableLimits;
  graceSeconds: number;
  /** The volume for the counts; absent when they are in the pod alone. */
  storage?: { bytes: number; storageClass?: string };
}

const DEFAULTS = { whenUnavailable: UnavailableLimits.refuse, graceSeconds: 60 };

/** Checks that the volume's class belongs to a volume. */
export function checkSharedLimits(limits: Draft<SharedLimitsSpec> = {}, report: Report): void {
  const at = below("cluster", "sharedLimits");
  readText(readTotalBytes, limits.storageSize, at("storageSize"), report);
  if (limits.storageClass === undefined || limits.storageSize !== undefined) return;
  report({
    path: at("storageClass"),
    value: limits.storageClass,
    restsOn: [at("storageSize")],
    problem: "is the class of a volume that is not declared",
    allowed: "`storageClass` together with `storageSize`",
    fix: "add `storageSize`, for example `1Gi`, or remove `storageClass`",
  });
}

/** Fills in the defaults. */
export function resolveSharedLimits(spec: SharedLimitsSpec): SharedLimits {
  const { storageSize, storageClass } = spec;
  return {
    whenUnavailable: spec.whenUnavailable ?? DEFAULTS.whenUnavailable,
    graceSeconds: spec.graceSeconds ?? DEFAULTS.graceSeconds,
    ...(storageSize !== undefined && {
      storage: { bytes: readTotalBytes(storageSize), ...(storageClass !== undefined && { storageClass }) },
    }),
  };
}
