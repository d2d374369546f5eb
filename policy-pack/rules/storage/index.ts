/** Rules on volumes and claims. */
import type { Rule } from "../rule";
import { rule as backingNotShared } from "./backing-not-shared";
import { rule as claimsOwnVolume } from "./claims-own-volume";
import { rule as inlineDrivers } from "./inline-drivers";
import { rule as noForeignSource } from "./no-foreign-source";
import { rule as noHostPath } from "./no-host-path";
import { rule as oneTenantPerVolume } from "./one-tenant-per-volume";
import { rule as viewReadOnly } from "./view-read-only";
import { rule as volumeReserved } from "./volume-reserved";

export const storageRules: readonly Rule[] = [
  backingNotShared,
  claimsOwnVolume,
  inlineDrivers,
  noForeignSource,
  noHostPath,
  oneTenantPerVolume,
  viewReadOnly,
  volumeReserved,
];
