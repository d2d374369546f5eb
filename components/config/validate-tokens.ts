import { faultsOfIssuer } from "../plan/resolve/token-issuer";
import type { Declared } from "../spec/declared";
import type { Report } from "../spec/fault";

/** Checks the issuer of ServiceAccount tokens. */
export function validateTokens({ spec: { cluster } }: Declared, report: Report): void {
  for (const { path, problem, fix } of faultsOfIssuer(cluster?.serviceAccountIssuer ?? {})) {
    // Values are left out: the text of a key says nothing to people, and a private one is not to be shown.
    report({ path: ["cluster", "serviceAccountIssuer", ...path], problem, fix });
  }
}
