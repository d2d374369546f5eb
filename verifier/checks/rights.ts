/** Access reviews: what tenants' people and accounts may really do, against what they must not and what their roles say. */
import { tenantPrincipals } from "../../policy-pack/analysis/rbac/findings";
import { CLUSTER, type Ask } from "../../policy-pack/analysis/rbac/grants";
import { can, effectiveGrants, rbacOf, RbacRefusal, type Rbac } from "../../policy-pack/analysis/rbac/rbac";
import { isDevelopers } from "../../policy-pack/analysis/rbac/workspace";
import { MASTERS, type Principal } from "../../policy-pack/analysis/rbac/principals";
import type { ClusterApi } from "../cluster-api";
import { inParallel, whyUnseen } from "../live-objects";
import { messageOf, type Result } from "../result";
import type { Check, Subject } from "./check";
import { inCluster, inForeignNamespace, inOwnNamespace, type Right } from "./forbidden-rights";
import { listedRights, review, STRANGER } from "./reviews";

const REVIEWERS = 16;
/** Of those who have the same rights in their own tenants, so many are asked about right by right. */
const ASKED_IN_FULL = 2;
/** Most rights of one principal that are asked for right by right: a stranger must have none in any tenant. */
const MOST_ASKED = 1500;
const KUBERNETES_NAMESPACE = "kube-system";
/** Resources without which nobody knows who holds which right. */
const RIGHTS_READ = [
  "namespaces",
  ...["roles", "clusterroles", "rolebindings", "clusterrolebindings"].map(
    (name) => `${name}.rbac.authorization.k8s.io`,
  ),
];

/** Someone, and everything that they must not be able to do. */
interface Suspect {
  principal: Principal;
  tenant?: string;
  /** Namespaces of the tenant. */
  own: readonly string[];
  asks: Ask[];
}

/** Asks the API server's authorizers what each tenant's people and accounts may do of what nobody of a tenant may. */
export const rightsCheck: Check = {
  name: "rights",
  async run(subject) {
    let rbac: Rbac;
    try {
      rbac = rbacOf(subject.model, subject.settings.configuration);
    } catch (error) {
      if (!(error instanceof RbacRefusal)) throw error;
      return [undecided("rights", `rights cannot be read: ${error.reasons.join("; ")}`)];
    }
    const suspects = suspectsOf(subject, rbac);
    const control = await reviewsWork(subject.api, suspects[0]?.asks ?? []);
    if (control !== undefined) return [control];
    const unseen = whyUnseen(subject.live, RIGHTS_READ);
    const asked = new Map<string, number>();
    const isInFull = suspects.map((suspect) => {
      const key = classOf(rbac, suspect);
      const before = asked.get(key) ?? 0;
      asked.set(key, before + 1);
      return before < ASKED_IN_FULL;
    });
    // From a part of the roles and bindings nothing can be foreseen, and some who hold rights are not known.
    const expects = (principal: Principal, ask: Ask) =>
      unseen === undefined ? can(rbac, principal, ask).allowed : undefined;
    const results = await inParallel([...suspects.entries()], 4, ([index, suspect]) =>
      judgeSuspect(subject.api, expects, suspect, isInFull[index] === true),
    );
    return unseen === undefined
      ? results
      : [undecided("rights", `not everything could be read: ${unseen}`), ...results];
  },
};

function suspectsOf({ model }: Subject, rbac: Rbac): Suspect[] {
  const tenants = [...model.tenants].map(([tenant, namespaces]) => ({
    tenant,
    namespaces,
    names: namespaces.map(({ name }) => name),
  }));
  const everywhere = inCluster.map((right) => askFor(right, CLUSTER));
  const platform = inForeignNamespace.map((right) => askFor(right, KUBERNETES_NAMESPACE));
  const people = tenants.flatMap(({ tenant, namespaces, names }, index) => {
    // Each tenant against the next one: over all tenants, every tenant is once the victim.
    const neighbour = tenants[(index + 1) % tenants.length];
    const victims = neighbour === undefined || neighbour.tenant === tenant ? [] : neighbour.names;
    const asks = [
      ...namespaces.flatMap(({ name, workspace }) => rightsIn(workspace).map((right) => askFor(right, name))),
      ...victims.flatMap((name) => inForeignNamespace.map((right) => askFor(right, name))),
      ...platform,
      ...everywhere,
    ];
    const principals = [...new Set(tenantPrincipals(rbac, tenant))].filter((one) => !one.startsWith("Group system:"));
    return principals.map((principal): Suspect => ({ principal, tenant, own: names, asks }));
  });
  const anywhere = tenants.flatMap(({ names }) =>
    names.flatMap((name) => inForeignNamespace.map((right) => askFor(right, name))),
  );
  return [...people, { principal: STRANGER, own: [], asks: [...anywhere, ...platform, ...everywhere] }];
}

/** What nobody of a tenant may do in a namespace of its own; in a workspace the developers do what they are there for. */
function rightsIn(workspace: boolean): Right[] {
  return workspace ? inOwnNamespace.filter(({ group, resource }) => !isDevelopers(group, resource)) : inOwnNamespace;
}

function askFor({ verb, group: apiGroup, resource, name }: Right, namespace: string): Ask {
  return { verb, group: apiGroup, resource, namespace, name };
}

/** Equal for suspects of whom the roles and bindings say the same, each in their own tenant. */
function classOf(rbac: Rbac, { principal, own }: Suspect): string {
  const grants = effectiveGrants(rbac, principal).map(({ namespace, rule }) => [namespace, rule]);
  // The own namespace stands in rules too, by its name.
  return own.reduce(
    (text, name) => text.replaceAll(JSON.stringify(name), '"own"'),
    JSON.stringify([principal.split(" ")[0], grants]),
  );
}

/** @param expects What roles and bindings say of a right; undefined where they cannot tell. */
async function judgeSuspect(
  api: ClusterApi,
  expects: (principal: Principal, ask: Ask) => boolean | undefined,
  suspect: Suspect,
  isInFull: boolean,
): Promise<Result> {
  const { principal, tenant, asks } = suspect;
  const open: string[] = [];
  const unlike: string[] = [];
  const take = (ask: Ask, allowed: boolean): void => {
    if (allowed) open.push(describeAsk(ask));
    if ((expects(principal, ask) ?? allowed) !== allowed)
      unlike.push(`${describeAsk(ask)} is ${allowed ? "allowed" : "refused"} against what the roles and bindings say`);
  };
  const base = { id: `rights/${principal}`, question: "rights" as const, tenant };
  let tried = `asks for ${asks.length} rights as ${principal}`;
  try {
    const rest = asks.slice(isInFull ? MOST_ASKED : 0);
    const listed = rest.length === 0 ? undefined : await listedRights(api, principal, rest);
    const single = listed === undefined ? asks : asks.slice(0, asks.length - rest.length);
    if (listed !== undefined) {
      tried = `looks for ${rest.length} rights among the rules that the API server lists for ${principal}`;
      if (single.length > 0) tried += `, and asks for ${single.length} more`;
      for (const ask of rest) take(ask, listed(ask));
    }
    await inParallel(single, REVIEWERS, async (ask) => take(ask, (await review(api, principal, ask)).allowed));
  } catch (error) {
    return { ...base, tried, outcome: "inconclusive", found: messageOf(error) };
  }
  return {
    ...base,
    tried,
    outcome: open.length === 0 ? "isolated" : "open",
    found: open.length === 0 ? "the API server refuses every one" : `the API server allows ${firstOf(open)}`,
    ...(unlike.length > 0 && { disagreement: firstOf(unlike) }),
    ...(open.length > 0 && {
      fix: "remove the binding or the rule of the role that gives the right; `npm run up` puts the declared roles back",
    }),
  };
}

/** The first few of a list, and how many more there are. */
function firstOf(list: readonly string[], most = 5): string {
  const sorted = [...list].sort();
  const more = sorted.length > most ? ` and ${sorted.length - most} more` : "";
  return `${sorted.slice(0, most).join("; ")}${more}`;
}

function describeAsk({ verb, resource, group: apiGroup, namespace, name }: Ask): string {
  const what = apiGroup === "" ? resource : `${resource} of ${apiGroup}`;
  const place = namespace === CLUSTER ? "in the whole cluster" : `in ${namespace}`;
  return `${verb} ${what}${name === undefined ? "" : ` named ${name}`} ${place}`;
}

/** The control: whoever may do everything must be told so, or a refusal would prove nothing. */
async function reviewsWork(api: ClusterApi, asks: readonly Ask[]): Promise<Result | undefined> {
  const [ask] = asks;
  if (ask === undefined) return undecided("rights", "there is no tenant to ask for");
  try {
    const { allowed, reason } = await review(api, MASTERS, ask);
    if (allowed) return undefined;
    return undecided("rights", `the control failed: ${describeAsk(ask)} is refused even to administrators${reason}`);
  } catch (error) {
    return undecided("rights", messageOf(error));
  }
}

function undecided(id: string, found: string): Result {
  return {
    id,
    question: "rights",
    tried: "asks the API server what tenants' people and accounts may do",
    outcome: "inconclusive",
    found,
    fix: "let the verifier create subjectaccessreviews.authorization.k8s.io, and run it again",
  };
}
