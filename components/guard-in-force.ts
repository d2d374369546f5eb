import * as pulumi from "@pulumi/pulumi";
import { setTimeout as sleep } from "node:timers/promises";
import type { GuardPlan } from "./plan/guard/guard";

/**
 * Waits until the API server refuses by the guard of a version. The component package has no client of the API server: who has one, as
 * this repository's program, hands this over.
 *
 * @param version `version` of the guard's plan.
 * @throws Error when it does not, with what it answers instead.
 */
export type GuardProbe = (version: string) => Promise<void>;

/**
 * How long after a guard was made for the first time nothing of a tenant is: an API server reads new policies once a second, and each of
 * several reads them for itself. Measured: 0.2 to 0.8 seconds.
 */
const SETTLES_MS = 3_000;
/** How far the clocks of the API server and of this machine may be apart. */
const CLOCKS_MS = 60_000;

/**
 * The last object of a guard, once the guard is in force: a policy that exists refuses nothing until the API server has read it.
 *
 * @param last It was made after all other objects of the guard.
 * @param probe Absent: only time is given.
 */
export function inForce(
  last: pulumi.Resource,
  { version, enforced }: GuardPlan,
  probe: GuardProbe | undefined,
): pulumi.Output<pulumi.Resource> {
  const { metadata } = last as pulumi.Resource & { metadata?: pulumi.Output<{ creationTimestamp?: string }> };
  return pulumi.output(metadata).apply(async (known) => {
    if (pulumi.runtime.isDryRun() || !enforced) return last;
    await probe?.(version);
    if (isNew(known?.creationTimestamp, Date.now())) await sleep(SETTLES_MS);
    return last;
  });
}

/** Whether an object may have been made by this run. */
export function isNew(creationTimestamp: string | undefined, now: number): boolean {
  return creationTimestamp !== undefined && now - Date.parse(creationTimestamp) < SETTLES_MS + CLOCKS_MS;
}
