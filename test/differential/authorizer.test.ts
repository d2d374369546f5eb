/**
 * Rights as the analysis reads them against the authorizer of a real API server, on generated roles and bindings, and
 * the built-in roles as this repository knows them against those of the API server.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as path from "node:path";
import * as k8s from "@kubernetes/client-node";
import fc from "fast-check";
import { builtInRoles, publicPaths } from "../../policy-pack/analysis/rbac/built-in-roles";
import { type Ask, allowsUrl, CLUSTER, matchesResource } from "../../policy-pack/analysis/rbac/grants";
import { type Rbac, can, effectiveGrants, rbacOf } from "../../policy-pack/analysis/rbac/rbac";
import { buildClusterModel } from "../../policy-pack/model/cluster-model";
import { defaultConfiguration } from "../../policy-pack/settings/settings";
import type { KubernetesObject, PolicyRule, Subject } from "../../policy-pack/model/kubernetes";
import { startCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { isAllowed, isPathAllowed } from "../support/access";
import { scratchDirectory } from "../support/environment";
import { eventually } from "../support/wait";
import { type Person, accountNames, bindingSets, namespaceNames, questions } from "./rights";

const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 20_250_101);
const BINDINGS = 60;
const QUESTIONS = 3000;
const AT_ONCE = 8;

describe("rights and the API server's authorizer", function () {
  this.timeout(30 * 60_000);
  let directory: string;
  let api: Clients;

  before(async () => {
    directory = scratchDirectory("authorizer");
    const cluster = await startCluster({ directory: path.join(directory, "cluster"), timeoutSeconds: 600 });
    const config = new k8s.KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    api = {
      core: config.makeApiClient(k8s.CoreV1Api),
      rbac: config.makeApiClient(k8s.RbacAuthorizationV1Api),
      authorization: config.makeApiClient(k8s.AuthorizationV1Api),
    };
  });

  after(async () => {
    await stopCluster({ directory: path.join(directory, "cluster") });
    rmSync(directory, { recursive: true, force: true });
  });

  it("agree on generated roles and bindings", async () => {
    await createGenerated(api);
    const rbac = await liveRights(api);
    const asked = fc.sample(questions, { numRuns: QUESTIONS, seed: SEED });
    let allowed = 0;
    for (let start = 0; start < asked.length; start += AT_ONCE) {
      await Promise.all(
        asked.slice(start, start + AT_ONCE).map(async ({ person, ask }) => {
          const ours = decisionOf(rbac, person, ask);
          const theirs = await isAllowed(api.authorization, { name: "", ...person }, attemptOf(ask));
          assert.equal(ours, theirs, `${JSON.stringify(person)} ${JSON.stringify(ask)}`);
          if (ours) allowed += 1;
        }),
      );
    }
    console.log(`      ${asked.length} questions, ${allowed} of them allowed`);
    assert.ok(allowed > QUESTIONS / 20 && allowed < QUESTIONS * 0.95, "the rights are too few or too many to tell");
  });

  it("agree on paths beside the resources, which only a binding for the whole cluster opens", async () => {
    const bindings = { "paths-everywhere": CLUSTER, "paths-in-one-namespace": "default" };
    for (const [user, scope] of Object.entries(bindings)) await bindPaths(api.rbac, user, scope);
    await eventually("the authorizer to know the paths", 60, async () =>
      (await isPathAllowed(api.authorization, { user: "paths-everywhere", groups: [] }, "get", "/metrics"))
        ? true
        : undefined,
    );
    const rbac = await liveRights(api);
    for (const user of Object.keys(bindings))
      for (const verb of ["get", "put"])
        for (const asked of [
          "/metrics",
          "/metrics/slis",
          "/logs",
          "/logs/a/b",
          "/debug/pprof/heap",
          "/healthz",
          "/api",
        ]) {
          const holders = [`User ${user}`, "Group system:authenticated"];
          const ours = holders.some((holder) => effectiveGrants(rbac, holder).some((g) => allowsUrl(g, verb, asked)));
          const theirs = await isPathAllowed(api.authorization, { user, groups: [] }, verb, asked);
          assert.equal(ours, theirs, `${user} ${verb} ${asked}`);
        }
  });

  it("agree that Kubernetes opens the public paths to every service account", async () => {
    const account = { user: "system:serviceaccount:default:default", groups: ["system:serviceaccounts"] };
    const may = (asked: string) => isPathAllowed(api.authorization, account, "get", asked);
    for (const open of publicPaths) assert.ok(await may(open.replace("*", "x")), open);
    assert.equal(await may("/metrics"), false);
  });

  it("agree that nothing is missing from the built-in roles", async () => {
    const missing: string[] = [];
    for (const role of ["view", "edit", "admin", "system:basic-user"]) {
      const known = builtInRoles.get(role) ?? [];
      const { rules = [] } = await api.rbac.readClusterRole({ name: role });
      for (const { verbs, apiGroups = [], resources = [] } of rules)
        for (const verb of verbs)
          for (const group of apiGroups)
            for (const resource of resources)
              if (!known.some((rule) => matchesResource(rule, verb, group, resource)))
                missing.push(`${role}: ${verb} on ${resource} of group "${group}"`);
    }
    assert.deepEqual(missing, []);
  });
});

interface Clients {
  core: k8s.CoreV1Api;
  rbac: k8s.RbacAuthorizationV1Api;
  authorization: k8s.AuthorizationV1Api;
}

/** Creates namespaces, accounts, roles and bindings, and waits until the authorizer knows the last binding. */
async function createGenerated({ core, rbac, authorization }: Clients): Promise<void> {
  for (const name of namespaceNames) {
    await core.createNamespace({ body: { metadata: { name } } });
    for (const account of accountNames)
      await core.createNamespacedServiceAccount({ namespace: name, body: { metadata: { name: account } } });
  }
  const sets = fc.sample(bindingSets, { numRuns: BINDINGS, seed: SEED });
  sets.push({ scope: CLUSTER, clusterRole: true, rules: [marker], subjects: [{ kind: "Group", name: "marked" }] });
  for (const [index, { scope, clusterRole, rules, subjects }] of sets.entries()) {
    const metadata = { name: `generated-${index}` };
    const body = { metadata, rules: rules as k8s.V1PolicyRule[] };
    if (clusterRole) await rbac.createClusterRole({ body });
    else await rbac.createNamespacedRole({ namespace: scope, body });
    const binding = {
      metadata,
      subjects: subjects.map((subject) => subjectOf(subject)),
      roleRef: {
        apiGroup: "rbac.authorization.k8s.io",
        kind: clusterRole ? "ClusterRole" : "Role",
        name: metadata.name,
      },
    };
    if (scope === CLUSTER) await rbac.createClusterRoleBinding({ body: binding });
    else await rbac.createNamespacedRoleBinding({ namespace: scope, body: binding });
  }
  const attempt = { verb: "mark", group: "example.com", resource: "marks" };
  await eventually("the authorizer to know the bindings", 60, async () =>
    (await isAllowed(authorization, { name: "", user: "someone", groups: ["marked"] }, attempt)) ? true : undefined,
  );
}

/** A ClusterRole on some paths, bound to a user everywhere or in one namespace. */
async function bindPaths(rbac: k8s.RbacAuthorizationV1Api, user: string, scope: string): Promise<void> {
  const metadata = { name: user };
  await rbac.createClusterRole({
    body: { metadata, rules: [{ verbs: ["get"], nonResourceURLs: ["/metrics", "/logs/*"] }] },
  });
  const body = {
    metadata,
    subjects: [subjectOf({ kind: "User", name: user })],
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: user },
  };
  if (scope === CLUSTER) await rbac.createClusterRoleBinding({ body });
  else await rbac.createNamespacedRoleBinding({ namespace: scope, body });
}

const marker: PolicyRule = { verbs: ["mark"], apiGroups: ["example.com"], resources: ["marks"] };

function subjectOf({ kind = "", name = "", namespace }: Subject): k8s.RbacV1Subject {
  return { kind, name, namespace, apiGroup: kind === "ServiceAccount" ? "" : "rbac.authorization.k8s.io" };
}

/** The rights of the live cluster, read the way the pack reads objects. */
async function liveRights({ core, rbac }: Clients): Promise<Rbac> {
  const typed = (kind: string, items: object[], apiVersion = "rbac.authorization.k8s.io/v1") =>
    items.map((item) => ({ ...(JSON.parse(JSON.stringify(item)) as KubernetesObject), kind, apiVersion }));
  const objects = [
    ...typed("Namespace", (await core.listNamespace()).items, "v1"),
    ...typed("ClusterRole", (await rbac.listClusterRole()).items),
    ...typed("ClusterRoleBinding", (await rbac.listClusterRoleBinding()).items),
    ...typed("Role", (await rbac.listRoleForAllNamespaces()).items),
    ...typed("RoleBinding", (await rbac.listRoleBindingForAllNamespaces()).items),
  ];
  const sources = objects.map((object) => ({ object, origin: "live", unknown: [] }));
  return rbacOf(buildClusterModel(sources, defaultConfiguration), defaultConfiguration);
}

/** Whether the person's user name, or one of the groups, holds the right. */
function decisionOf(rbac: Rbac, { user, groups }: Person, ask: Ask): boolean {
  const principals = [principalOfUser(user), ...groups.map((name) => `Group ${name}`)];
  return principals.some((principal) => can(rbac, principal, ask).allowed);
}

function principalOfUser(user: string): string {
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user);
  return account === null ? `User ${user}` : `ServiceAccount ${account[1]}/${account[2]}`;
}

function attemptOf({ verb, group, resource, namespace, name }: Ask) {
  return { verb, group, resource, namespace: namespace === CLUSTER ? undefined : namespace, name };
}
