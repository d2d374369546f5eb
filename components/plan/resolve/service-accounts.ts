import { isDnsLabel, isDnsSubdomain, tenantNamespace } from "../../spec/names";

/** What is wrong with the ServiceAccount of a client. */
export interface AccountFault {
  /** Way below `access.clients`. */
  path: (string | number)[];
  problem: string;
  fix: string;
}

/** What matters of a client, of which parts may be missing. */
export interface AccountDraft {
  serviceAccount?: { namespace?: string; name?: string };
  keyGeneration?: number;
  acceptPreviousKey?: boolean;
}

/** What ServiceAccounts of clients depend on. */
export interface AccountContext {
  /** Namespace of the tenant. */
  namespace: string;
  /** Whether the environment names the issuer of tokens. */
  hasIssuer: boolean;
}

/** Finds what is wrong with ServiceAccounts of a tenant's clients; parts that are missing are somebody else's to report. */
export function faultsOfAccounts(
  clients: readonly (AccountDraft | undefined)[],
  context: AccountContext,
): AccountFault[] {
  const accounts = clients.map(accountOf);
  const second = {
    path: ["serviceAccount"],
    problem: "is the ServiceAccount of an earlier client as well",
    fix: "give each client its own",
  };
  return clients.flatMap((client, index) => {
    const account = accounts[index];
    const isSecond = account !== undefined && accounts.indexOf(account) < index;
    const faults = [...(isSecond ? [second] : []), ...faultsOfAccount(client ?? {}, context)];
    return faults.map((fault) => ({ ...fault, path: [index, ...fault.path] }));
  });
}

function accountOf(client: AccountDraft | undefined): string | undefined {
  const { namespace, name } = client?.serviceAccount ?? {};
  return namespace === undefined || name === undefined ? undefined : `${namespace}/${name}`;
}

function faultsOfAccount(client: AccountDraft, { namespace, hasIssuer }: AccountContext): AccountFault[] {
  const account = client.serviceAccount;
  if (account === undefined) return [];
  const place = "serviceAccount";
  const noIssuer = {
    path: [place],
    problem: "needs the issuer of the cluster's tokens",
    fix: "declare it under cluster.serviceAccountIssuer, or remove serviceAccount for a client with a key",
  };
  const keys = (["keyGeneration", "acceptPreviousKey"] as const).filter((key) => client[key] !== undefined);
  return [
    ...keys.map((key) => ({
      path: [key],
      problem: "is about a key, and a client with a ServiceAccount has none",
      fix: "remove one of the two",
    })),
    ...faultsOfNamespace(account.namespace, namespace).map((fault) => ({ ...fault, path: [place, "namespace"] })),
    ...(account.name === undefined || isDnsSubdomain(account.name)
      ? []
      : [{ path: [place, "name"], problem: "is not the name of a ServiceAccount", fix: "correct it" }]),
    ...(hasIssuer ? [] : [noIssuer]),
  ];
}

function faultsOfNamespace(named: string | undefined, own: string): Omit<AccountFault, "path">[] {
  if (named === undefined) return [];
  if (!isDnsLabel(named)) return [{ problem: "is not the name of a namespace", fix: "correct it" }];
  if (named === own || !named.startsWith(tenantNamespace(""))) return [];
  return [
    {
      problem: "is another tenant's namespace",
      fix: `name the tenant's own, ${own}, or one that belongs to no tenant`,
    },
  ];
}
