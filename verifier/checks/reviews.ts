/** What the API server's authorizers say of someone's rights. */
import { allows, CLUSTER, normalRule, type Ask } from "../../policy-pack/analysis/rbac/grants";
import { groupsOf, user, type Principal } from "../../policy-pack/analysis/rbac/principals";
import type { PolicyRule } from "../../policy-pack/model/kubernetes";
import { isSuccess, refusalOf, type ClusterApi, type Identity } from "../cluster-api";

const GROUP = "authorization.k8s.io";
const REVIEWS = `/apis/${GROUP}/v1`;
/** Someone whom no binding names: has what everybody has who can log in. */
export const STRANGER = user("verifier-stranger");
/** A namespace without bindings: what holds there holds in the whole cluster. */
const NOWHERE = "verifier-nowhere";

/** An answer of the authorizers. */
export interface Review {
  allowed: boolean;
  /** What went wrong while it was decided, with a colon before it; else empty. */
  reason: string;
}

/**
 * Asks for one right.
 *
 * @throws Error when it may not be asked.
 */
export async function review(api: ClusterApi, principal: Principal, ask: Ask): Promise<Review> {
  const [resource, subresource] = ask.resource.split("/");
  const { namespace } = ask;
  const reply = await api.request({
    method: "POST",
    path: `${REVIEWS}/subjectaccessreviews`,
    body: {
      apiVersion: `${GROUP}/v1`,
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

/** A principal as a review names it. Only what someone holds is asked for, so groups come without a user of their own. */
function identityOf(principal: Principal): Identity {
  const groups = groupsOf(principal).map(nameOf);
  const account = /^ServiceAccount ([^/]+)\/(.+)$/.exec(principal);
  if (account !== null) return { user: `system:serviceaccount:${account[1]}:${account[2]}`, groups };
  if (principal.startsWith("User ")) return { user: nameOf(principal), groups };
  return { user: nameOf(STRANGER), groups: [nameOf(principal), ...groups] };
}

function nameOf(principal: Principal): string {
  return principal.slice(principal.indexOf(" ") + 1);
}

/**
 * Answers for many rights from what the API server lists as the principal's rules: one request for each place.
 * Undefined where its authorizers cannot list all rules, or where the principal may not be impersonated.
 */
export async function listedRights(
  api: ClusterApi,
  principal: Principal,
  asks: readonly Ask[],
): Promise<((ask: Ask) => boolean) | undefined> {
  const places = [...new Set(asks.map(placeOf))];
  const listed = await Promise.all(places.map((place) => rulesIn(api, principal, place)));
  const rules = new Map<string, readonly PolicyRule[]>();
  for (const [index, place] of places.entries()) {
    const found = listed[index];
    if (found === undefined) return undefined;
    rules.set(place, found);
  }
  return (ask) =>
    (rules.get(placeOf(ask)) ?? []).some((rule) =>
      allows({ namespace: CLUSTER, rule: normalRule(rule), source: "" }, ask),
    );
}

const placeOf = ({ namespace }: Ask): string => (namespace === CLUSTER ? NOWHERE : namespace);

async function rulesIn(
  api: ClusterApi,
  principal: Principal,
  namespace: string,
): Promise<readonly PolicyRule[] | undefined> {
  const reply = await api.request({
    method: "POST",
    path: `${REVIEWS}/selfsubjectrulesreviews`,
    as: identityOf(principal),
    body: { apiVersion: `${GROUP}/v1`, kind: "SelfSubjectRulesReview", spec: { namespace } },
  });
  if (!isSuccess(reply)) return undefined;
  const { status } = reply.body as { status?: { resourceRules?: PolicyRule[]; incomplete?: boolean } };
  return status?.incomplete === false ? (status.resourceRules ?? []) : undefined;
}
