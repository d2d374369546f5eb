/** The ways in which rights lead to further rights. Each says what it takes and what it gives; none is assumed harmless. */
import { RBAC_GROUP } from "./bindings";
import { CLUSTER, type Grant, type NormalRule, allowsSome, everything } from "./grants";
import { MASTERS, NODES, type Principal, group, serviceAccount, user } from "./principals";
import type { Rbac, RbacNamespace } from "./rbac";
import type { Right } from "./right";
import { forbiddenRights } from "./rights";

/** A right in someone's hands, and how it got there. */
export interface HeldGrant {
  grant: Grant;
  /** Steps from the first principal to this right. */
  chain: readonly string[];
}

/** What an escalation adds. */
export interface Gain {
  principal?: Principal;
  grant?: Grant;
  /** Steps to the right that is used, and the step it makes possible. */
  chain: readonly string[];
}

/** One way: the gains that the rights held so far make possible. */
export type Escalation = (held: readonly HeldGrant[], rbac: Rbac) => Iterable<Gain>;

const writes = ["create", "update", "patch"];
const reads = ["get", "list", "watch"];

const rowsTo = (place: Right["leadsTo"]): readonly Right[] =>
  forbiddenRights.filter(({ leadsTo }) => leadsTo === place);
const leadingTo = { pods: rowsTo("pods"), inside: rowsTo("inside"), everything: rowsTo("everything") };

export const escalations: readonly Escalation[] = [
  impersonation,
  tokenRequests,
  storedTokens,
  podCreation,
  podInterior,
  nodeProxy,
  certificates,
  clusterConfiguration,
  escalateVerb,
  bindVerb,
];

/** `impersonate` on users and groups (always cluster-wide) and on service accounts. */
function* impersonation(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  for (const { grant, chain } of held) {
    const verb = grant.rule.verbs.find((candidate) => candidate === "*" || candidate.startsWith("impersonate"));
    if (verb === undefined || !grant.rule.apiGroups.some((g) => ["*", "", "authentication.k8s.io"].includes(g)))
      continue;
    const { resources, resourceNames } = grant.rule;
    const concerns = (resource: string): boolean => resources.includes("*") || resources.includes(resource);
    const gain = (principal: Principal): Gain => ({ principal, chain: [...chain, `impersonates ${principal}`] });
    if (grant.namespace === CLUSTER && concerns("users")) {
      yield* resourceNames.length === 0 ? [gain(MASTERS)] : resourceNames.map((name) => gain(user(name)));
    }
    if (grant.namespace === CLUSTER && concerns("groups")) {
      yield* resourceNames.length === 0 ? [gain(MASTERS)] : resourceNames.map((name) => gain(group(name)));
    }
    if (grant.namespace === CLUSTER && concerns("nodes")) yield gain(NODES);
    if (concerns("serviceaccounts")) {
      for (const account of accounts(rbac, grant)) yield gain(account);
    }
  }
}

function* tokenRequests(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  for (const { grant, chain } of holders(held, ["create"], "", "serviceaccounts/token")) {
    for (const principal of accounts(rbac, grant))
      yield { principal, chain: [...chain, `asks for a token of ${principal}`] };
  }
}

/**
 * Secrets of type service-account-token hold tokens. A Secret that nobody declares may be one, and whoever also writes
 * Secrets can make one of any.
 */
function* storedTokens(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  const writers = holders(held, writes, "", "secrets");
  for (const { grant, chain } of holders(held, reads, "", "secrets")) {
    for (const namespace of namespacesOf(rbac, grant)) {
      const harmless = (name: string): boolean => {
        const type = rbac.secretType(namespace.name, name);
        return type !== undefined && type !== "kubernetes.io/service-account-token";
      };
      const { resourceNames } = grant.rule;
      const limited = resourceNames.length > 0 && resourceNames.every(harmless);
      if (limited && !writers.some((writer) => isIn(writer.grant, namespace.name))) continue;
      for (const principal of namespace.accounts) {
        const step = `reads a Secret of ${namespace.name} that may hold a token of ${principal}`;
        yield { principal, chain: [...chain, step] };
      }
    }
  }
}

/** Whoever writes pods chooses their service account, mounts what the namespace holds, and, unrestrained, owns the node. */
function* podCreation(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  for (const { group: apiGroup, resource } of leadingTo.pods) {
    for (const { grant, chain } of holders(held, writes, apiGroup, resource)) {
      for (const namespace of namespacesOf(rbac, grant)) {
        const step = `writes ${resource} in ${namespace.name}`;
        yield* insidePods(namespace, [...chain, step]);
        const unlabelled = labelWriters(held).find((h) => concernsNamespace(h, namespace));
        if (!namespace.podsRestrained)
          yield {
            principal: NODES,
            chain: [...chain, `${step}, where no Pod Security level restrains pods: a privileged pod owns its node`],
          };
        else if (unlabelled !== undefined)
          yield {
            principal: NODES,
            chain: [
              ...unlabelled.chain,
              `removes the Pod Security level of ${namespace.name}`,
              `${step}: a privileged pod owns its node`,
            ],
          };
      }
    }
  }
}

/** Running commands in a pod, or adding a container to it, is being that pod. */
function* podInterior(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  for (const { group: apiGroup, resource, verbs } of leadingTo.inside) {
    for (const { grant, chain } of holders(held, verbs, apiGroup, resource)) {
      for (const namespace of namespacesOf(rbac, grant))
        yield* insidePods(namespace, [...chain, `enters pods of ${namespace.name} by ${resource}`]);
    }
  }
}

function* insidePods(namespace: RbacNamespace, chain: readonly string[]): Generator<Gain> {
  for (const principal of namespace.accounts) yield { principal, chain: [...chain, `acts as ${principal}`] };
  const rule: NormalRule = {
    ...everything,
    verbs: ["get"],
    apiGroups: [""],
    resources: ["secrets"],
    nonResourceURLs: [],
  };
  const step = `reads the Secrets that pods of ${namespace.name} mount`;
  yield { grant: { namespace: namespace.name, rule, source: step }, chain: [...chain, step] };
}

function* nodeProxy(held: readonly HeldGrant[]): Generator<Gain> {
  const verbs = ["get", "create", "update", "patch", "delete"];
  for (const { grant, chain } of holders(held, verbs, "", "nodes/proxy")) {
    if (grant.namespace === CLUSTER)
      yield { principal: NODES, chain: [...chain, "runs commands in any pod by the kubelet's API (nodes/proxy)"] };
  }
}

/** An approved signing request for the API server's client signer is a certificate in any name that is not reserved. */
function* certificates(held: readonly HeldGrant[]): Generator<Gain> {
  const approval = holders(held, ["update", "patch"], "certificates.k8s.io", "certificatesigningrequests/approval");
  const signers = holders(held, ["approve"], "certificates.k8s.io", "signers");
  const approver = approval.find(({ grant }) => grant.namespace === CLUSTER);
  for (const { grant, chain } of signers) {
    const { resourceNames: names } = grant.rule;
    const clientSigner =
      names.length === 0 || names.some((name) => /^kubernetes\.io\/(\*|kube-apiserver-client)/.test(name));
    if (approver !== undefined && grant.namespace === CLUSTER && clientSigner)
      yield { principal: MASTERS, chain: [...chain, "approves a client certificate for an identity of the platform"] };
  }
}

function* clusterConfiguration(held: readonly HeldGrant[]): Generator<Gain> {
  for (const { group: apiGroup, resource, harm } of leadingTo.everything) {
    for (const { grant, chain } of holders(held, writes, apiGroup, resource)) {
      if (grant.namespace === CLUSTER) yield { principal: MASTERS, chain: [...chain, `writes ${resource}: ${harm}`] };
    }
  }
}

/** `escalate` lets a role be written with rights that its author lacks, such as a role that the author is bound to. */
function* escalateVerb(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  for (const [resource, scope] of [
    ["roles", "namespace"],
    ["clusterroles", "cluster"],
  ] as const) {
    for (const { grant, chain } of holders(held, ["escalate"], RBAC_GROUP, resource)) {
      const step = `writes ${resource} with any right (escalate)`;
      if (scope === "cluster") {
        if (
          grant.namespace === CLUSTER &&
          holders(held, writes, RBAC_GROUP, resource).some((h) => h.grant.namespace === CLUSTER)
        )
          yield { principal: MASTERS, chain: [...chain, step] };
        continue;
      }
      for (const { name } of namespacesOf(rbac, grant)) {
        if (holders(held, writes, RBAC_GROUP, resource).some((h) => isIn(h.grant, name)))
          yield { grant: { namespace: name, rule: everything, source: step }, chain: [...chain, `${step} in ${name}`] };
      }
    }
  }
}

/** `bind` lets a role be bound by someone who lacks its rights. */
function* bindVerb(held: readonly HeldGrant[], rbac: Rbac): Generator<Gain> {
  for (const [resource, kind] of [
    ["roles", "Role"],
    ["clusterroles", "ClusterRole"],
  ] as const) {
    for (const { grant, chain } of holders(held, ["bind"], RBAC_GROUP, resource)) {
      const names = grant.rule.resourceNames;
      const rulesOf = (namespace: string): readonly NormalRule[] =>
        names.length === 0 ? [everything] : names.flatMap((name) => rbac.rulesOf(kind, name, namespace));
      const step = `binds ${names.length === 0 ? `any of the ${resource}` : `${kind} ${names.join(", ")}`} to itself (bind)`;
      for (const { name } of namespacesOf(rbac, grant)) {
        if (!holders(held, writes, RBAC_GROUP, "rolebindings").some((h) => isIn(h.grant, name))) continue;
        for (const rule of rulesOf(name))
          yield { grant: { namespace: name, rule, source: step }, chain: [...chain, `${step} in ${name}`] };
      }
      const everywhere = holders(held, writes, RBAC_GROUP, "clusterrolebindings").some(
        (h) => h.grant.namespace === CLUSTER,
      );
      if (grant.namespace !== CLUSTER || kind === "Role" || !everywhere) continue;
      for (const rule of rulesOf(CLUSTER))
        yield { grant: { namespace: CLUSTER, rule, source: step }, chain: [...chain, `${step} in the whole cluster`] };
    }
  }
}

/** Rights that allow one of the verbs on the resource, on objects of some name at least. */
function holders(
  held: readonly HeldGrant[],
  verbs: readonly string[],
  apiGroup: string,
  resource: string,
): HeldGrant[] {
  return held.filter(({ grant }) => verbs.some((verb) => allowsSome(grant, verb, apiGroup, resource)));
}

/** Rights to change a Namespace's labels, by the object itself or by requests that take the whole object too. */
function labelWriters(held: readonly HeldGrant[]): HeldGrant[] {
  const resources = ["namespaces", "namespaces/status", "namespaces/finalize"];
  return resources.flatMap((resource) => holders(held, ["update", "patch"], "", resource));
}

function isIn(grant: Grant, namespace: string): boolean {
  return grant.namespace === CLUSTER || grant.namespace === namespace;
}

function namespacesOf(rbac: Rbac, grant: Grant): RbacNamespace[] {
  if (grant.namespace === CLUSTER) return [...rbac.namespaces.values()];
  const namespace = rbac.namespaces.get(grant.namespace);
  return namespace === undefined ? [] : [namespace];
}

/** Service accounts that a rule on service accounts concerns. */
function accounts(rbac: Rbac, grant: Grant): Principal[] {
  const { resourceNames: names } = grant.rule;
  return namespacesOf(rbac, grant).flatMap((namespace) =>
    names.length === 0 ? [...namespace.accounts] : names.map((name) => serviceAccount(namespace.name, name)),
  );
}

/** Whether a right on namespaces concerns this one: by its scope, and by the names it is limited to. */
function concernsNamespace({ grant }: HeldGrant, namespace: RbacNamespace): boolean {
  const { resourceNames: names } = grant.rule;
  return isIn(grant, namespace.name) && (names.length === 0 || names.includes(namespace.name));
}
