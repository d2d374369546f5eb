import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { ensureTools } from "../../tools/install";
import { localClusterTools, resetCluster, startCluster } from "../../tools/local-cluster/cluster";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { scratchDirectory } from "../support/environment";
import { eventually, inBatches } from "../support/wait";
import { CASES } from "./cases";
import { ADMIN, copy, create, DEPLOYER, type Act, type Loose } from "./support/acts";
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

/** Namespaces, then the cluster's own, then the rest, in the order of the plan. */
function inOrder(objects: Loose[]): Loose[] {
  const rank = ({ kind, metadata }: Loose): number =>
    kind === "Namespace" ? 0 : metadata.namespace === undefined ? 1 : 2;
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

  it("says of every act and every twin what the judge says, unless somebody else refuses an act before", async () => {
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
