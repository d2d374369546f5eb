import { DeclarationError } from "../spec/fault";
import { GuardMode, type GuardSpec } from "../spec/guard";

/**
 * Refuses an update by a user whom the guard that it makes would refuse: its own next step, the tenants, could not be made.
 *
 * @param file What the guard is declared in, for the message.
 * @param guard The guard that is declared; absent when there is none.
 * @param user Name of the user that deploys, as the API server sees it; undefined when it could not be asked.
 * @throws DeclarationError when the guard enforces and does not name the user.
 */
export function checkDeployer(file: string, guard: GuardSpec | undefined, user: string | undefined): void {
  if (guard === undefined || guard.mode === GuardMode.warn || user === undefined) return;
  if (guard.deployers.includes(user)) return;
  throw new DeclarationError([
    {
      file,
      path: "cluster.guard.deployers",
      value: JSON.stringify(guard.deployers),
      problem: `does not name the user that deploys, ${JSON.stringify(user)}, whom the guard would refuse the tenants that come next`,
      allowed: "every user name that deploys the platform, as `kubectl auth whoami` prints it",
      fix: "put the name of your pipeline's user there, with which alone the platform is deployed, or deploy with that user's kubeconfig",
    },
  ]);
}
