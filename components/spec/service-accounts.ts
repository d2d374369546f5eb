import { isDnsSubdomain, tenantNamespace } from "./names";
import type { ClientSpec } from "./clients";
import { type Draft, present } from "./draft";
import type { Problem, Report } from "./fault";
import type { At } from "./path";

/** What ServiceAccounts of clients depend on. */
export interface AccountContext {
  /** Namespace of the tenant. */
  namespace: string;
  /** Namespace of the tenant's own programs with its accounts; absent without a workspace. */
  workspace?: { namespace: string; serviceAccounts: readonly (string | undefined)[] };
  /** Whether the environment names the issuer of tokens. */
  hasIssuer: boolean;
}

type Clients = readonly (Draft<ClientSpec> | undefined)[];

/**
 * Checks the ServiceAccounts of a tenant's clients.
 *
 * @param at Leads to what is below the tenant.
 */
export function checkAccounts(clients: Clients, context: AccountContext, at: At, report: Report): void {
  const known = new Set<string>();
  for (const { item: client, index } of present(clients)) {
    const atClient: At = (...steps) => at("access", "clients", index, ...steps);
    const account = accountOf(client);
    if (account !== undefined && known.has(account)) {
      report({
        path: atClient("serviceAccount"),
        problem: "is the ServiceAccount of an earlier client as well",
        allowed: "a ServiceAccount that no other client of the tenant has",
        fix: "give each client a ServiceAccount of its own",
      });
    }
    if (account !== undefined) known.add(account);
    if (client.serviceAccount !== undefined) checkAccount(client, context, atClient, report);
  }
}

function accountOf({ serviceAccount = {} }: Draft<ClientSpec>): string | undefined {
  const { namespace, name } = serviceAccount;
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}

function checkAccount(client: Draft<ClientSpec>, context: AccountContext, at: At, report: Report): void {
  for (const key of ["keyGeneration", "acceptPreviousKey"] as const) {
    if (client[key] === undefined) continue;
    report({
      path: at(key),
      value: client[key],
      problem: "is about a key, and a client with a ServiceAccount has none",
      allowed: "either `serviceAccount` or what is about a key",
      fix: "remove one of the two",
    });
  }
  const { namespace, name } = client.serviceAccount ?? {};
  const isInWorkspace = namespace !== undefined && namespace === context.workspace?.namespace;
  if (isInWorkspace && name !== undefined && context.workspace?.serviceAccounts.includes(name) === false) {
    report({
      path: at("serviceAccount", "name"),
      value: name,
      problem: "is no ServiceAccount of the workspace",
      allowed: "an account that `workspace.serviceAccounts` lists",
      fix: "add it to `workspace.serviceAccounts`, or name one of those",
    });
  }
  const fault = namespace === undefined || isInWorkspace ? undefined : faultOfNamespace(namespace, context.namespace);
  if (fault !== undefined) report({ path: at("serviceAccount", "namespace"), value: namespace, ...fault });
  if (name !== undefined && !isDnsSubdomain(name)) {
    report({
      path: at("serviceAccount", "name"),
      value: name,
      problem: "is not the name of a ServiceAccount",
      allowed:
        "lower-case letters, digits, `-` and `.`, each part between points beginning and ending with a letter or digit",
      fix: "write the name as `kubectl get serviceaccounts` shows it",
    });
  }
  if (!context.hasIssuer) {
    report({
      path: at("serviceAccount"),
      restsOn: [["cluster", "serviceAccountIssuer"]],
      problem: "needs the issuer of the cluster's tokens, and the environment names none",
      allowed: "a client with a key, which needs no `serviceAccount`",
      fix: "declare `serviceAccountIssuer` under `cluster` of the environment, or remove `serviceAccount`",
    });
  }
}

function faultOfNamespace(named: string, own: string): Problem | undefined {
  if (named === own || !named.startsWith(tenantNamespace(""))) return undefined;
  return {
    problem: "is another tenant's namespace",
    allowed: `the tenant's own namespace, \`${own}\`, or one that belongs to no tenant`,
    fix: `name \`${own}\`, or the namespace of an application`,
  };
}
