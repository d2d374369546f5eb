/** What rights lead to, by the table of rights. */
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { type Claim, ON_THE_NODE } from "./claim";
import {
  binding,
  clusterBinding,
  clusterRole,
  container,
  enforcing,
  type Loose,
  object,
  pod,
  RBAC,
  role,
  user,
} from "./objects";
import { account, joe, to, withClusterRights, withRights } from "./people";

/** A request for a node's certificate. */
async function nodeRequest(name: string): Promise<Loose> {
  const keys = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: `O=system:nodes, CN=system:node:${name}`,
    keys,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
  });
  return {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: {
      request: Buffer.from(request.toString("pem")).toString("base64"),
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    },
  };
}

export const rightsClaims: Claim[] = [
  {
    of: "analysis/rbac/rights-fences",
    says: "the labels on its Namespace, its Pod Security level included",
    tried: async (server) => {
      const known = { verb: "patch", resource: "namespaces", subresource: "status" };
      const rights = [to([""], ["namespaces/status"], "patch")];
      const namespace = await withRights(server, rights, known, enforcing("restricted"));
      const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
      const change = { metadata: { labels: enforcing("privileged") } };
      assert.equal((await server.patch(own, change, "", joe)).status, 403);
      assert.equal((await server.patch(own, change, "/status", joe)).status, 200);
      assert.equal((await server.read(own)).metadata.labels["pod-security.kubernetes.io/enforce"], "privileged");
    },
  },
  {
    of: "analysis/rbac/rights-fences",
    says: "addresses and labels of pods, which Services and network policies follow",
    tried: async (server) => {
      const rights = [to([""], ["pods/status"], "patch")];
      const namespace = await withRights(server, rights, { verb: "patch", resource: "pods", subresource: "status" });
      const foreign = "10.244.99.99";
      await server.make(
        object("v1", "Service", namespace, "app", { spec: { selector: { role: "server" }, ports: [{ port: 80 }] } }),
      );
      const made = await server.make(pod(namespace, { nodeName: "cpu-1" }));
      assert.equal((await server.patch(made, { metadata: { labels: { role: "server" } } }, "", joe)).status, 403);
      const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
      await server.until("the Service to lead to the foreign address", async () => {
        // What simulates the node writes the status too.
        const conditions = [{ type: "Ready", status: "True" }];
        const status = { podIP: foreign, podIPs: [{ ip: foreign }], phase: "Running", conditions };
        const { status: code } = await server.patch(
          made,
          { metadata: { labels: { role: "server" } }, status },
          "/status",
          joe,
        );
        assert.ok([200, 409].includes(code), `${code}`);
        return JSON.stringify((await server.send("GET", path)).body).includes(foreign);
      });
    },
  },
  {
    of: "analysis/rbac/rights-fences",
    says: "Endpoints, which lead a Service to other tenants' pods",
    tried: async (server) => {
      const known = { verb: "create", resource: "endpoints" };
      const namespace = await withRights(server, [to([""], ["endpoints"], "create")], known);
      await server.make(object("v1", "Service", namespace, "app", { spec: { ports: [{ port: 80 }] } }));
      const subsets = [{ addresses: [{ ip: "10.244.99.99" }], ports: [{ port: 80 }] }];
      const made = await server.create(object("v1", "Endpoints", namespace, "app", { subsets }), joe);
      assert.equal(made.status, 201, made.body.message);
      const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
      await server.until("the Service to lead there", async () =>
        JSON.stringify((await server.send("GET", path)).body).includes("10.244.99.99"),
      );
    },
  },
  {
    of: "analysis/rbac/rights-fences",
    says: "its Namespace and the labels on it",
    tried: async (server) => {
      const namespaces = [to([""], ["namespaces"], "patch", "create", "deletecollection")];
      const namespace = await withRights(server, namespaces, { verb: "patch", resource: "namespaces", name: "" });
      const own = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
      assert.equal((await server.patch(own, { metadata: { labels: { mine: "yes" } } }, "", joe)).status, 200);
      // A Role gives nothing on namespaces but on its own.
      const other = { apiVersion: "v1", kind: "Namespace", metadata: { name: "default" } };
      assert.equal((await server.patch(other, { metadata: { labels: { mine: "yes" } } }, "", joe)).status, 403);
      await server.refuses({ apiVersion: "v1", kind: "Namespace", metadata: { name: "new" } }, /forbidden/, joe);
      assert.equal((await server.send("DELETE", "/api/v1/namespaces", undefined, joe)).status, 403);
    },
  },
  {
    of: "analysis/rbac/rights-fences",
    says: "the placement of pods",
    tried: async (server) => {
      const known = { verb: "create", resource: "pods", subresource: "binding" };
      const namespace = await withRights(server, [to([""], ["pods/binding"], "create")], known);
      await server.make(pod(namespace, { nodeSelector: { none: "such" } }));
      const target = { apiVersion: "v1", kind: "Node", name: "cpu-1" };
      const bind = { apiVersion: "v1", kind: "Binding", metadata: { name: "pod", namespace }, target };
      const path = `/api/v1/namespaces/${namespace}/pods/pod/binding`;
      assert.equal((await server.send("POST", path, bind, joe)).status, 201);
      assert.equal((await server.read(pod(namespace))).spec.nodeName, "cpu-1");
    },
  },
  {
    of: "analysis/rbac/rights-fences",
    says: "an aggregated API server receives everybody's requests",
    tried: async (server) => {
      // It is asked for whatever lies below its group: without a server behind it, nobody answers.
      const group = "aggregated.example.com";
      const spec = { group, version: "v1", groupPriorityMinimum: 1, versionPriority: 1 };
      const things = `/apis/${group}/v1/namespaces/default/things`;
      assert.equal((await server.send("GET", things)).status, 404);
      const service = { namespace: "default", name: "none" };
      await server.make({
        apiVersion: "apiregistration.k8s.io/v1",
        kind: "APIService",
        metadata: { name: `v1.${group}` },
        spec: { ...spec, service, insecureSkipTLSVerify: true },
      });
      await server.until(
        "the group to be asked of that server",
        async () => (await server.send("GET", things)).status === 503,
      );
      await server.send("DELETE", `/apis/apiregistration.k8s.io/v1/apiservices/v1.${group}`);
    },
  },
  {
    of: "analysis/rbac/rights-fences",
    says: "who waits for the API server, which all tenants share",
    untried: "as `capacity/api-priority`, which is tried",
  },
  {
    of: "analysis/rbac/findings",
    says: "of the API server",
    tried: async (server) => {
      const metrics = { nonResourceURLs: ["/metrics"], verbs: ["get"] };
      await server.make(clusterRole("watching", [metrics]));
      assert.equal((await server.send("GET", "/metrics", undefined, { user: "watching" })).status, 403);
      await server.make(clusterBinding("watching", "watching", [user("watching")]));
      await server.until("the metrics to be shown", async () => {
        const { status } = await server.send("GET", "/metrics", undefined, { user: "watching" });
        return status === 200;
      });
    },
  },
  {
    of: "rbac/no-pod-interior",
    says: "the holder could reach ${namesOf(given)} past the gateway's keys and model list",
    untried: ON_THE_NODE,
  },
  {
    of: "analysis/rbac/rights",
    says: "roles with more rights than one's own",
    tried: async (server) => {
      const roles = (...verbs: string[]) => [to([RBAC], ["roles", "rolebindings"], "create", ...verbs)];
      const plain = await withRights(server, roles(), { verb: "create", group: RBAC, resource: "roles" });
      const wide = role(plain, [to([""], ["secrets"], "get")], "wide");
      await server.refuses(wide, /attempting to grant RBAC permissions not currently held/, joe);
      await server.refuses(binding(plain, "ClusterRole", "view"), /not currently held/, joe);
      const known = { verb: "escalate", group: RBAC, resource: "roles" };
      const free = await withRights(server, [...roles("escalate"), to([RBAC], ["clusterroles"], "bind")], known);
      await server.admits({ ...wide, metadata: { ...wide.metadata, namespace: free } }, joe);
      await server.admits(binding(free, "ClusterRole", "view", [user("joe")]), joe);
    },
  },
  {
    of: "analysis/rbac/rights",
    says: "someone else's name",
    tried: async (server) => {
      const known = { verb: "impersonate", resource: "users", name: "admin" };
      const rights = [to([""], ["users", "groups"], "impersonate")];
      const actor = await withClusterRights(server, "actor", rights, known);
      assert.ok(await server.may(actor, known));
      assert.ok(!(await server.may({ user: "none" }, known)));
    },
  },
  {
    of: "analysis/rbac/rights",
    says: "tokens of service accounts",
    tried: async (server) => {
      const known = { verb: "create", resource: "serviceaccounts", subresource: "token" };
      const namespace = await withRights(server, [to([""], ["serviceaccounts/token"], "create")], known);
      await server.make(account(namespace));
      const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} };
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/app/token`;
      assert.equal((await server.send("POST", path, request, joe)).status, 201);
      assert.equal((await server.send("POST", path, request, { user: "none" })).status, 403);
    },
  },
  {
    of: "analysis/rbac/rights",
    says: "a node's certificate, which is approved unseen",
    tried: async (server) => {
      const group = "certificates.k8s.io";
      const requests = to([group], ["certificatesigningrequests"], "create");
      const known = { verb: "create", group, resource: "certificatesigningrequests" };
      const plain = await withClusterRights(server, "requesting", [requests], known);
      const unseen = to([group], ["certificatesigningrequests/nodeclient"], "create");
      const subresource = "nodeclient";
      const joining = await withClusterRights(server, "joining", [requests, unseen], { ...known, subresource });
      const waiting = await server.make(await nodeRequest("waiting"), plain);
      const approved = await server.make(await nodeRequest("approved"), joining);
      await server.becomes(approved, "to be approved and signed", ({ status }) => status.certificate !== undefined);
      assert.equal((await server.read(waiting)).status.conditions, undefined);
    },
  },
  { of: "analysis/rbac/rights", says: "the kubelets, which run commands in every pod", untried: ON_THE_NODE },
  { of: "analysis/rbac/rights", says: "every pod's output and declaration, by the kubelet", untried: ON_THE_NODE },
  {
    of: "analysis/rbac/rbac",
    says: "Kubernetes lets system:masters do anything",
    tried: async (server) => {
      assert.ok(
        await server.may({ user: "nobody", groups: ["system:masters"] }, { verb: "delete", resource: "nodes" }),
      );
      assert.ok(!(await server.may({ user: "nobody" }, { verb: "delete", resource: "nodes" })));
    },
  },
  {
    of: "analysis/rbac/escalations",
    says: "runs commands in any pod by the kubelet's API (nodes/proxy)",
    untried: ON_THE_NODE,
  },
  {
    of: "analysis/rbac/escalations",
    says: "where no Pod Security level restrains pods: a privileged pod owns its node",
    tried: async (server) => {
      const known = { verb: "create", resource: "pods" };
      const open = await withRights(server, [to([""], ["pods"], "create")], known);
      const closed = await withRights(server, [to([""], ["pods"], "create")], known, enforcing("restricted"));
      const owning = { containers: [container({ securityContext: { privileged: true } })] };
      await server.admits(pod(open, owning), joe);
      await server.refuses(pod(closed, owning), /violates PodSecurity/, joe);
    },
  },
];
