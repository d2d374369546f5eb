/** Access reviews: what tenants' people and accounts may really do, against what they must not and what their roles say. */
import { tenantPrincipals } from "../../policy-pack/analysis/rbac/findings";
import { CLUSTER, type Ask } from "../../policy-pack/analysis/rbac/grants";
import { can, rbacOf, RbacRefusal, type Rbac } from "../../policy-pack/analysis/rbac/rbac";
import { isDevelopers } from "../../policy-pack/analysis/rbac/workspace";
import { groupsOf, MASTERS, user, type Principal } from "../../policy-pack/analysis/rbac/principals";
import { isSuccess, refusalOf, type ClusterApi } from "../cluster-api";
import { inParallel } from "../live-objects";
import { messageOf, type Result } from "../result";
import type { Check, Subject } from "./check";
import { inCluster, inForeignNamespace, inOwnNamespace, type Right } from "./forbidden-rights";

const REVIEWERS = 16;
/** Somebody whom no binding names: has what everybody has who can log in. */
const STRANGER = user("verifier-stranger");
const KUBERNETES_NAMESPACE = "kube-system";

/** Somebody, and everything that they must not be able to do. */
interface Suspect {
  principal: Principal;
  tenant?: string;
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
    return inParallel(suspects, 4, (suspect) => judgeSuspect(subject.api, rbac, suspect));
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
  const people = tenants.flatMap(({ tenant, namespaces }, index) => {
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
    return principals.map((principal): Suspect => ({ principal, tenant, asks }));
  });
  const anywhere = tenants.flatMap(({ names }) =>
    names.flatMap((name) => inForeignNamespace.map((right) => askFor(right, name))),
  );
  return [...people, { principal: STRANGER, asks: [...anywhere, ...platform, ...everywhere] }];
}

/** What nobody of a tenant may do in a namespace of its own; in a workspace the developers do what they are there for. */
function rightsIn(workspace: boolean): Right[] {
  return workspace ? inOwnNamespace.filter(({ group, resource }) => !isDevelopers(group, resource)) : inOwnNamespace;
}

function askFor({ verb, group: apiGroup, resource, name }: Right, namespace: string): Ask {
  return { verb, group: apiGroup, resource, namespace, name };
}

async function judgeSuspect(api: ClusterApi, rbac: Rbac, { principal, tenant, asks }: Suspect): Promise<Result> {
  const open: string[] = [];
  const unlike: string[] = [];
  const base = {
    id: `rights/${principal}`,
    question: "rights" as const,
    tenant,
    tried: `asks for ${asks.length} rights as ${principal}`,
  };
  try {
    await inParallel(asks, REVIEWERS, async (ask) => {
      const { allowed } = await review(api, principal, ask);
      if (allowed) open.push(describeAsk(ask));
      const predicted = can(rbac, principal, ask);
      if (predicted.allowed !== allowed)
        unlike.push(
          `${describeAsk(ask)} is ${allowed ? "allowed" : "refused"} against what the roles and bindings say`,
        );
    });
  } catch (error) {
    return { ...base, outcome: "inconclusive", found: messageOf(error) };
  }
  return {
    ...base,
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

async function review(api: ClusterApi, principal: Principal, ask: Ask): Promise<{ allowed: boolean; reason: string }> {
  const [resource, subresource] = ask.resource.split("/");
  const { namespace } = ask;
  const reply = await api.request({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        ...identityOf(principal),
        resourceAttributes: {
          verb: ask.verb,
          group: ask.group,
          resource,
          subresource,
          name: ask.name,
          namespace: namespace === CLUSTER ? undefined : namespace,
        },
      },
    },
  });
  if (!isSuccess(reply)) throw new Error(refusalOf(reply));
  const { allowed, evaluationError } =
    (reply.body as { status?: { allowed?: boolean; evaluationError?: string } }).status ?? {};
  return { allowed: allowed === true, reason: evaluationError === undefined ? "" : `: ${evaluationError}` };
}

/** A principal as a review names it. Only what somebody holds is asked for, so groups come without a user of their own. */
function identityOf(principal: Principal): { user: string; groups: string[] } {
  const groups = groupsOf(principal).map(nameOf);
  const account = /^ServiceAccount ([^/]+)\/(.+)$/.exec(principal);
  if (account !== null) return { user: `system:serviceaccount:${account[1]}:${account[2]}`, groups };
  if (principal.startsWith("User ")) return { user: nameOf(principal), groups };
  return { user: nameOf(STRANGER), groups: [nameOf(principal), ...groups] };
}

function nameOf(principal: Principal): string {
  return principal.slice(principal.indexOf(" ") + 1);
}
