import type { UserName } from "./forms";
import { present, type Draft } from "./draft";
import type { Report } from "./fault";
import { below } from "./path";

/** What the admission guard does with a request that would weaken a tenant's isolation. */
export const GuardMode = {
  /** Refuses it. */
  enforce: "enforce",
  /** Lets it pass with a warning to the caller and an entry in the audit log: for a trial. */
  warn: "warn",
} as const;
export type GuardMode = (typeof GuardMode)[keyof typeof GuardMode];

/** Admission policies that hold in the cluster what the policy pack proves before a deployment. */
export interface GuardSpec {
  /**
   * What happens to a request that would weaken the isolation. Default: `enforce`.
   * @default "enforce"
   */
  mode?: GuardMode;
  /**
   * User names, as the API server sees them, that deploy the platform: `kubectl auth whoami` with the kubeconfig of `pulumi up`. At least one.
   * @minItems 1 @uniqueItems @examples [["oidc:platform-pipeline"]]
   */
  deployers: UserName[];
}

/** Checks who deploys: nobody of a tenant, and nobody in particular, may pass the guard. */
export function checkGuard(guard: Draft<GuardSpec> = {}, report: Report): void {
  const at = below("cluster", "guard", "deployers");
  for (const { item: value, index } of present(guard.deployers)) {
    if (isEverybodys(value)) {
      report({
        path: at(index),
        value,
        problem: "is a user of tenants or of everybody, who would pass the guard",
        allowed: "the name of a user that only deployments have",
        fix: "name the user that `kubectl auth whoami` prints with the kubeconfig of the deployment",
      });
    }
  }
}

/** Fills in the default. */
export function resolveGuard(spec: GuardSpec): Required<GuardSpec> {
  return { mode: spec.mode ?? GuardMode.enforce, deployers: [...spec.deployers] };
}

/** Whether a name is of nobody in particular, of a group, or of an account in a tenant's namespace. */
function isEverybodys(user: string): boolean {
  return (
    user === "*" ||
    ["system:anonymous", "system:masters", "system:authenticated", "system:unauthenticated"].includes(user) ||
    /^system:(node:|serviceaccounts(:|$)|serviceaccount:(tenant-|ollama-platform-system:))/.test(user)
  );
}
