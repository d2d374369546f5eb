/** Roles and bindings. */
import assert from "node:assert/strict";
import { type Claim, ELSEWHERE } from "./claim";
import { binding, clusterBinding, clusterRole, container, enforcing, object, pod, RBAC, role, user } from "./objects";
import { account, joe, to, withClusterRights, withRights } from "./people";
import type { Question, Server } from "./server";

/** What `edit` and `admin` let their holders do inside pods and as others. */
const INSIDE: Question[] = [
  ...["exec", "attach", "portforward", "proxy"].map((subresource) => ({
    verb: "create",
    resource: "pods",
    subresource,
  })),
  { verb: "impersonate", resource: "serviceaccounts" },
  { verb: "create", resource: "serviceaccounts", subresource: "token" },
];
const EDITS: Question[] = [
  ...["create", "update", "patch", "delete"].map((verb) => ({
    verb,
    group: "networking.k8s.io",
    resource: "networkpolicies",
  })),
  ...["get", "list", "create", "update"].map((verb) => ({ verb, resource: "secrets" })),
  { verb: "create", resource: "pods" },
  { verb: "create", group: "apps", resource: "deployments" },
];
const ROLES: Question[] = ["roles", "rolebindings"].flatMap((resource) =>
  ["create", "update"].map((verb) => ({ verb, group: RBAC, resource })),
);

/** A trial of what a built-in role allows where it is bound, and `view` does not. */
function builtIn(name: string, allowed: Question[], refused: Question[] = []): (server: Server) => Promise<void> {
  return async (server) => {
    const [bound, viewed] = [await server.namespace(), await server.namespace()];
    await server.make(binding(bound, "ClusterRole", name));
    await server.make(binding(viewed, "ClusterRole", "view"));
    const pods = { verb: "list", resource: "pods" };
    for (const namespace of [bound, viewed]) await server.granted(joe, { ...pods, namespace });
    for (const question of allowed) {
      assert.ok(await server.may(joe, { ...question, namespace: bound }), `${name}: ${JSON.stringify(question)}`);
      assert.ok(!(await server.may(joe, { ...question, namespace: viewed })), `view: ${JSON.stringify(question)}`);
    }
    for (const question of refused)
      assert.ok(!(await server.may(joe, { ...question, namespace: bound })), JSON.stringify(question));
  };
}

export const bindingClaims: Claim[] = [
  {
    of: "rbac/no-aggregation",
    says: "gathers rules from every cluster role with certain labels, those created later included",
    tried: async (server) => {
      const gathering = {
        ...clusterRole("gathering", []),
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { gathered: "yes" } }] },
      };
      await server.make(gathering);
      await server.make(clusterRole("later", [to([""], ["nodes"], "get")], { labels: { gathered: "yes" } }));
      await server.becomes(gathering, "to have the rules", ({ rules }) => rules?.length === 1);
    },
  },
  {
    of: "rbac/no-aggregation",
    says: "for everybody who holds that anywhere",
    tried: async (server) => {
      const namespace = await server.namespace();
      const question = { verb: "get", group: "trial.example.com", resource: "things", namespace };
      await server.make(binding(namespace, "ClusterRole", "view", [user("viewer")]));
      await server.granted({ user: "viewer" }, { verb: "get", resource: "pods", namespace });
      assert.ok(!(await server.may({ user: "viewer" }, question)));
      const labels = { [`${RBAC}/aggregate-to-view`]: "true" };
      await server.make(clusterRole("widening", [to(["trial.example.com"], ["things"], "get")], { labels }));
      await server.granted({ user: "viewer" }, question);
    },
  },
  {
    of: "rbac/no-broad-groups",
    says: "which every tenant's workload or any caller belongs to",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(account(namespace));
      const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
      const { body } = await server.send("POST", `/api/v1/namespaces/${namespace}/serviceaccounts/app/token`, request);
      const review = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        metadata: {},
        spec: { token: body.status.token },
      };
      const { status } = (await server.create(review)).body;
      for (const group of ["system:serviceaccounts", "system:authenticated"])
        assert.ok(status.user.groups.includes(group), group);
    },
  },
  {
    of: "rbac/no-broad-groups",
    says: "whose members pass every check",
    tried: async (server) => {
      const question = { verb: "escalate", group: RBAC, resource: "clusterroles" };
      assert.ok(await server.may({ user: "nobody", groups: ["system:masters"] }, question));
      assert.ok(!(await server.may({ user: "nobody", groups: ["system:authenticated"] }, question)));
    },
  },
  {
    of: "rbac/no-built-in-roles",
    says: "gives every right",
    tried: builtIn("cluster-admin", [
      ...INSIDE,
      ...EDITS,
      ...ROLES,
      { verb: "patch", resource: "namespaces", subresource: "status" },
    ]),
  },
  {
    of: "rbac/no-built-in-roles",
    says: "edits roles, bindings and network policies, reads and writes Secrets, runs pods of its choice",
    tried: builtIn("admin", [...INSIDE, ...EDITS, ...ROLES]),
  },
  {
    of: "rbac/no-built-in-roles",
    says: "edits network policies, reads and writes Secrets, runs pods of its choice",
    tried: builtIn("edit", [...INSIDE, ...EDITS], ROLES),
  },
  {
    of: "rbac/no-built-in-roles",
    says: "enters pods by exec, attach, port-forward and proxy and so goes round the gateway, impersonates the namespace's service accounts and mints tokens of theirs",
    tried: builtIn("edit", INSIDE),
  },
  {
    of: "rbac/no-built-in-roles",
    says: "belongs to a component of Kubernetes",
    untried: "a fact about names, not about behaviour",
  },
  {
    of: "rbac/no-cloud-identity",
    says: "its pods get that identity's credentials whether or not they mount a token",
    untried: ELSEWHERE,
  },
  {
    of: "rbac/no-cluster-binding",
    says: "would hold in every other tenant's namespace too",
    tried: async (server) => {
      const [one, other] = [await server.namespace(), await server.namespace()];
      const get = { verb: "get", resource: "pods" };
      const everywhere = await withClusterRights(server, "everywhere", [to([""], ["pods"], "get")], {
        ...get,
        namespace: one,
      });
      assert.ok(await server.may(everywhere, { ...get, namespace: other }));
      await server.make(role(one, [to([""], ["pods"], "get")]));
      await server.make(binding(one, "Role", "role", [user("here")]));
      await server.granted({ user: "here" }, { ...get, namespace: one });
      assert.ok(!(await server.may({ user: "here" }, { ...get, namespace: other })));
    },
  },
  {
    of: "rbac/no-cross-tenant-subject",
    says: "a ClusterRoleBinding has no namespace of its own, and the API server refuses it",
    tried: async (server) => {
      const namespace = await server.namespace();
      const without = { kind: "ServiceAccount", name: "default" };
      await server.refuses(clusterBinding("without", "view", [without]), /namespace/);
      await server.admits(clusterBinding("without", "view", [{ ...without, namespace }]));
      // In a RoleBinding it is the binding's own namespace.
      await server.make(binding(namespace, "ClusterRole", "view", [without]));
      const own = { user: `system:serviceaccount:${namespace}:default` };
      await server.granted(own, { verb: "get", resource: "pods", namespace });
    },
  },
  {
    of: "rbac/no-cross-tenant-subject",
    says: "which the API server refuses.",
    tried: async (server) => {
      const namespace = await server.namespace();
      const robot = { kind: "Robot", apiGroup: RBAC, name: "r2" };
      await server.refuses(binding(namespace, "ClusterRole", "view", [robot]), /Unsupported value/);
      await server.admits(binding(namespace, "ClusterRole", "view"));
    },
  },
  {
    of: "rbac/no-custom-resource-writing",
    says: "their controllers may create pods, Secrets, policies or routes with rights of their own",
    untried: ELSEWHERE,
  },
  {
    of: "rbac/no-secret-access",
    says: "client keys and tokens could be read (list and watch show contents too) or replaced",
    tried: async (server) => {
      const secrets = { resource: "secrets" };
      const listing = await withRights(server, [to([""], ["secrets"], "list")], { ...secrets, verb: "list" });
      const watching = await withRights(server, [to([""], ["secrets"], "watch")], { ...secrets, verb: "watch" });
      for (const namespace of [listing, watching])
        await server.make(object("v1", "Secret", namespace, "key", { stringData: { key: "clients" } }));
      const path = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;
      const list = await server.send("GET", path(listing), undefined, joe);
      assert.equal(list.body.items[0].data.key, Buffer.from("clients").toString("base64"));
      assert.equal((await server.send("GET", `${path(listing)}/key`, undefined, joe)).status, 403);
      // One event for each Secret that is there.
      const watch = await server.send("GET", `${path(watching)}?watch=true&timeoutSeconds=1`, undefined, joe);
      assert.equal(watch.status, 200);
      assert.ok(JSON.stringify(watch.body).includes(Buffer.from("clients").toString("base64")));
      assert.equal((await server.send("GET", path(watching), undefined, joe)).status, 403);
    },
  },
  {
    of: "rbac/no-workload-writing",
    says: "whoever writes a pod can mount every Secret of the namespace and run as each of its service accounts",
    tried: async (server) => {
      const rights = [to([""], ["pods"], "create")];
      const namespace = await withRights(server, rights, { verb: "create", resource: "pods" }, enforcing("restricted"));
      await server.make(account(namespace));
      await server.make(object("v1", "Secret", namespace, "key", { stringData: { key: "clients" } }));
      const volumes = [{ name: "key", secret: { secretName: "key" } }];
      await server.admits(pod(namespace, { serviceAccountName: "app", volumes }), joe);
      assert.equal(
        (await server.send("GET", `/api/v1/namespaces/${namespace}/secrets/key`, undefined, joe)).status,
        403,
      );
    },
  },
  {
    of: "rbac/no-workload-writing",
    says: "what the program runs would be gone until it is deployed again",
    tried: async (server) => {
      const rights = [to(["apps"], ["deployments"], "delete")];
      const namespace = await withRights(server, rights, { verb: "delete", group: "apps", resource: "deployments" });
      const template = { metadata: { labels: { app: "app" } }, spec: { containers: [container()] } };
      await server.make(
        object("apps/v1", "Deployment", namespace, "app", {
          spec: { replicas: 0, selector: { matchLabels: { app: "app" } }, template },
        }),
      );
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/app`;
      assert.equal((await server.send("DELETE", path, undefined, joe)).status, 200);
    },
  },
  {
    of: "rbac/roles-declared",
    says: "whoever creates a role of that name later decides what the subjects may do",
    tried: async (server) => {
      const namespace = await server.namespace();
      await server.make(binding(namespace, "Role", "role"));
      const question = { verb: "get", resource: "secrets", namespace };
      assert.ok(!(await server.may(joe, question)));
      await server.make(role(namespace, [to([""], ["secrets"], "get")]));
      await server.granted(joe, question);
    },
  },
];
