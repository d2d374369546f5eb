import type { Report } from "../plan/faults";

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
  /** What happens to a request that would weaken the isolation. Default: `enforce`. */
  mode?: GuardMode;
  /** User names, as the API server sees them, that deploy the platform: `kubectl auth whoami` with the kubeconfig of `pulumi up`. At least one. */
  deployers: string[];
}

/** Fills in the default and reports what is wrong. */
export function resolveGuard(spec: GuardSpec, report: Report): Required<GuardSpec> {
  if (spec.deployers.length === 0) {
    report(
      "cluster.guard.deployers",
      "are empty, so that the guard would refuse the next deployment: name the user that `kubectl auth whoami` prints with the kubeconfig of the deployment",
    );
  }
  spec.deployers.forEach((user, index) => {
    const place = `cluster.guard.deployers[${index}]`;
    if (user.trim() !== user || user === "")
      report(place, `${JSON.stringify(user)} is not a user name: write it without spaces around it`);
    if (spec.deployers.indexOf(user) !== index)
      report(place, `${JSON.stringify(user)} is named twice: remove one of them`);
    if (isEverybodys(user)) {
      report(
        place,
        `${JSON.stringify(user)} is a user of tenants or of everybody, who would pass the guard: name a user that only deployments have`,
      );
    }
  });
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
