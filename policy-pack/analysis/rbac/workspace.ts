/**
 * What a tenant's developers may do in a workspace, the namespace of the tenant's own programs: what they write there can
 * harm nobody but themselves, as long as the admission guard holds what they write. Rights on whatever else stay forbidden.
 */
import type { GivenRight } from "./rights";

/** Resources of developers, as `group/resource`. */
const DEVELOPERS = new Set([
  "/pods",
  "/pods/exec",
  "/pods/attach",
  "/pods/portforward",
  "/pods/ephemeralcontainers",
  "/secrets",
  "/services",
  "/configmaps",
  "/persistentvolumeclaims",
  "apps/deployments",
  "batch/jobs",
  "batch/cronjobs",
  "autoscaling/horizontalpodautoscalers",
  "networking.k8s.io/networkpolicies",
]);

/** Whether a tenant's developers may hold a right on the resource in their workspace. */
export function isDevelopers(group: string, resource: string): boolean {
  return DEVELOPERS.has(`${group}/${resource}`);
}

/** Those of the given rights that nobody may hold, in a workspace or in another namespace of a tenant. */
export function forbiddenIn(isWorkspace: boolean, given: readonly GivenRight[]): GivenRight[] {
  return given.filter(({ right }) => !isWorkspace || !isDevelopers(right.group, right.resource));
}
