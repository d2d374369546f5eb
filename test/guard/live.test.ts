import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { ensureTools } from "../../tools/install";
import { localClusterTools, resetCluster, startCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { repositoryRoot } from "../../tools/local/paths";
import { scratchDirectory } from "../support/environment";
import { eventually, inBatches } from "../support/wait";
import { CASES } from "./cases";
import { ADMIN, copy, create, DEPLOYER, remove, type Act, type Loose } from "./support/acts";
import { Judge } from "./support/judge";
import { LiveApi, refusedByGuard, type Reply } from "./support/live";
import { OBJECTS, PLAN } from "./support/platform";
import { tenantPod } from "./support/pods";

/** Namespaces that the acts name beside the platform's. */
const OTHERS = ["tenant-unknown", "monitoring", "portal", "other"];
const LEVEL = "pod-security.kubernetes.io/enforce";

/** What the acts find in the cluster: the platform, and the objects that are changed and are not of the platform. */
function present(): Loose[] {
  const own = copy(OBJECTS).filter(({ kind }) => !kind.startsWith("ValidatingAdmission"));
  const names = new Set(own.map((object) => keyOf(object)));
  const changed = CASES.flatMap(({ act, twin }) => [act, twin])
    .filter(({ operation, kind, before }) => before !== undefined && operation !== "CREATE" && kind !== "Scale")
    .map(({ before }) => copy(before) as Loose)
    .filter((object) => !names.has(keyOf(object)) && names.add(keyOf(object)));
  const namespaces = OTHERS.map((name): Loose => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
  const all = [...own, ...namespaces, ...changed];
  for (const object of all) {
    // Pod Security refuses some acts before the guard is asked; here the guard has to do it alone.
    if (object.kind === "Namespace") object.metadata.labels = { ...object.metadata.labels, [LEVEL]: "privileged" };
  }
  return all;
}

const keyOf = ({ kind, metadata }: Loose): string => `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;

/** Namespaces, then the cluster's own, then the rest, in the order of the plan; servers last, whose pods take of the quota too. */
function inOrder(objects: Loose[]): Loose[] {
  const rank = ({ kind, metadata }: Loose): number =>
    kind === "Namespace" ? 0 : metadata.namespace === undefined ? 1 : kind === "Deployment" ? 3 : 2;
  return [...objects].sort((a, b) => rank(a) - rank(b));
}

describe("the admission guard on a real API server", function () {
  this.timeout(300_000);
  const directory = scratchDirectory("guard");
  const clusterDirectory = path.join(directory, "cluster");
  let api: LiveApi;
  let judged: boolean[];
  const acts = CASES.flatMap(({ act, twin }) => [act, twin]);

  before("start a cluster, guard it, and make the platform's objects as the deployer", async () => {
    const tools = await ensureTools([...localClusterTools, "admission-judge"]);
    const judge = new Judge(tools.path("admission-judge"));
    judged = (await judge.denials(PLAN.guard?.policies ?? [], acts)).map((denials) => denials.length > 0);
    await judge.close();
    const { server } = await startCluster({ directory: clusterDirectory, tools });
    api = new LiveApi(clusterLayout(clusterDirectory), server);
    // Accounts, classes and counts are there a moment after what they belong to.
    const made = (object: Loose): Promise<boolean> =>
      eventually(keyOf(object), 30, async () => {
        const reply = await api.apply(object, DEPLOYER);
        assert.ok(reply.status < 300, reply.text);
        return true;
      });
    for (const object of [...(PLAN.guard?.policies ?? []), ...(PLAN.guard?.bindings ?? [])]) await made(copy(object));
    await eventually("the guard to refuse", 60, async () => {
      const tried = await api.try(create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-first" } }));
      return refusedByGuard(tried) ? true : undefined;
    });
    for (const object of inOrder(present())) await made(object);
    // Quotas are refused pods until a controller has counted what there is.
    await eventually("a pod to be let through", 60, async () => {
      const tried = await api.try(create({ ...tenantPod(), metadata: { ...tenantPod().metadata, name: "first" } }));
      return tried.status < 300 ? true : undefined;
    });
  });
  after(async () => {
    await resetCluster({ directory: clusterDirectory });
    rmSync(directory, { recursive: true, force: true });
  });

  it("says of every act and every twin what the judge says, unless someone else refuses an act before", async () => {
    const before: string[] = [];
    const wrong = await inBatches(
      acts.map((act, index) => ({ act, index })),
      16,
      async ({ act, index }) => {
        const reply = await api.try(act);
        const title = `${index % 2 === 0 ? "act" : "twin"} of ${CASES[Math.floor(index / 2)]?.title}`;
        if (refusedByGuard(reply) === judged[index]) return [];
        if (judged[index] === true && reply.status >= 400) {
          before.push(title);
          return [];
        }
        return [`${title}: ${describeReply(act, reply)}`];
      },
    );
    assert.deepEqual(wrong, []);
    assert.ok(before.length <= acts.length / 20, `the guard is not asked about ${before.join("; ")}`);
  });

  describe("for the developers of a workspace", () => {
    const developer = { username: "dee", groups: ["hr-developers", "system:authenticated"], plain: true };
    const documented = parse(
      /```yaml\n(apiVersion: apps\/v1\n[^]*?)```/.exec(
        readFileSync(path.join(repositoryRoot, "docs", "workspaces.md"), "utf8"),
      )?.[1] ?? "",
    ) as Loose;
    const { namespace } = documented.metadata;
    const own = (object: Loose): Loose => ({ ...object, metadata: { ...object.metadata, namespace } });

    it("lets them run what the documentation shows, without a priority class or a size", async () => {
      const pod = { apiVersion: "v1", kind: "Pod", ...copy(documented.spec.template) };
      pod.metadata = { ...pod.metadata, name: "helpdesk", namespace };
      const done = await api.try(create(documented, { who: developer }));
      assert.equal(done.status, 201, done.text);
      await eventually("the quota of the workspace to be counted", 60, async () => {
        const { status, text } = await api.try(create(pod, { who: developer }));
        if (status !== 201) return undefined;
        const [container] = JSON.parse(text).spec.containers as Loose[];
        assert.deepEqual(container.resources.limits, { cpu: "100m", memory: "128Mi", "ephemeral-storage": "128Mi" });
        return true;
      });
    });

    for (const object of [
      { apiVersion: "v1", kind: "Secret", metadata: { name: "of-our-own" } },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "of-our-own" } },
      { apiVersion: "v1", kind: "Service", metadata: { name: "of-our-own" }, spec: { ports: [{ port: 80 }] } },
      {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "of-our-own" },
        spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] },
      },
    ])
      it(`lets them make a ${object.kind} there, and nowhere else`, async () => {
        const there = await api.try(create(own(object), { who: developer }));
        assert.equal(there.status, 201, there.text);
        for (const other of ["tenant-hr", "tenant-finance", "other"]) {
          const elsewhere = { ...object, metadata: { ...object.metadata, namespace: other } };
          assert.equal((await api.try(create(elsewhere, { who: developer }))).status, 403, other);
        }
      });

    it("lets them read what is in the workspace, and nothing beside the server", async () => {
      for (const resource of ["secrets", "pods", "configmaps", "services", "serviceaccounts", "resourcequotas"]) {
        const list = async (place: string): Promise<number> =>
          (await api.send("GET", `/api/v1/namespaces/${place}/${resource}`, developer)).status;
        assert.equal(await list(namespace), 200, resource);
        assert.equal(await list("tenant-hr"), 403, resource);
        assert.equal(await list("tenant-finance"), 403, resource);
      }
    });

    it("lets them change nothing that holds the workspace", async () => {
      const { items } = { items: OBJECTS.filter(({ metadata }) => metadata.namespace === namespace) };
      for (const object of items) {
        const tried = await api.try(remove(object, { who: developer }));
        assert.equal(tried.status, 403, `${keyOf(object)}: ${tried.text}`);
      }
      const account = own({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "mine" } });
      const role = own({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "mine" } });
      for (const object of [account, role])
        assert.equal((await api.try(create(object, { who: developer }))).status, 403, object.kind);
    });
  });

  it("finds nothing to warn about in the types of its expressions", async () => {
    await eventually("every policy to be type-checked", 60, async () => {
      const reply = await api.send("GET", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", ADMIN);
      const { items } = JSON.parse(reply.text) as { items: Loose[] };
      assert.deepEqual(
        items.flatMap(({ status }) => status?.typeChecking?.expressionWarnings ?? []),
        [],
      );
      return items.every(({ status }) => status?.observedGeneration !== undefined) ? true : undefined;
    });
  });
});

function describeReply(act: Act, { status, text }: Reply): string {
  return `${act.operation} ${act.kind} ${act.name} was answered with ${status}: ${text.slice(0, 400)}`;
}
