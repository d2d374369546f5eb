import { strict as assert } from "node:assert";
import { checkDrift } from "../../../../verifier/checks/drift";
import type { ApiReply, ApiRequest } from "../../../../verifier/cluster-api";
import type { ApiObject } from "../../../../verifier/drift/api";
import { modelOf, settings, type Loose } from "../../policy-pack/fixture";
import { fakeApi, ok, refused } from "../fake-api";

const OWNER = "pulumi-kubernetes-1234";
const namespace = "tenant-hr";

const quota: ApiObject = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "quota", namespace },
  spec: { hard: { "limits.memory": "4Gi", pods: "5" } },
};
const secret: ApiObject = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "gateway-policy", namespace },
  data: { "routes.json": "declared" },
};
const pool: ApiObject = {
  apiVersion: "karpenter.sh/v1",
  kind: "NodePool",
  metadata: { name: "finance-gpu" },
  spec: { disruption: { consolidateAfter: "30s" }, limits: { cpu: "16" } },
};

interface Entry {
  manager: string;
  operation?: string;
  fields: object;
}

const lives = (object: ApiObject, spec: object, entries: Entry[], metadata: object = {}): Loose => ({
  ...structuredClone(object),
  ...spec,
  metadata: {
    ...object.metadata,
    ...metadata,
    managedFields: entries.map(({ manager, operation = "Update", fields }) => ({
      manager,
      operation,
      fieldsV1: fields,
    })),
  },
});
const hard = (...keys: string[]) => ({
  "f:spec": { "f:hard": Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) },
});
const owned = { manager: OWNER, operation: "Apply", fields: hard("limits.memory", "pods") };

/** An API server that lists kinds, has an object, and takes a dry run as it is sent. */
const server = (dryRun: (request: ApiRequest) => ApiReply = ({ body }) => ok(body), now?: Loose) =>
  fakeApi((request) => {
    const isObject = /\/(quota|viewer|finance-gpu)$/.test(request.path);
    if (isObject && request.method === "GET") return now === undefined ? refused(404, "not found") : ok(now);
    if (request.method === "PATCH") {
      assert.match(request.path, /dryRun=All/);
      return dryRun(request);
    }
    const resources = [
      { name: "resourcequotas", kind: "ResourceQuota", namespaced: true },
      { name: "rolebindings", kind: "RoleBinding", namespaced: true },
      { name: "nodepools", kind: "NodePool", namespaced: false },
    ];
    return ok({ resources });
  });

async function drift(declared: ApiObject, live: Loose[], api = server(undefined, live[0])) {
  const subject = {
    api,
    live: { objects: live, resources: [], unreadable: [] },
    model: modelOf(live),
    settings,
    today: "2030-01-01",
  };
  const [result, ...more] = await checkDrift(subject, [declared]);
  assert.ok(result);
  assert.deepEqual(more, []);
  return result;
}

describe("drift under verification", () => {
  it("is none where everything is as declared, and the API server is not asked then", async () => {
    const api = server();
    const { outcome, id } = await drift(quota, [lives(quota, {}, [owned])], api);
    assert.deepEqual([outcome, id], ["isolated", "drift/hr"]);
    assert.equal(api.asked.length, 0);
  });

  it("is none where the API server writes an amount in another way", async () => {
    const live = lives(quota, { spec: { hard: { "limits.memory": "4096Mi", pods: "5" } } }, [owned]);
    const api = server(() => ok(live), live);
    assert.equal((await drift(quota, [live], api)).outcome, "isolated");
  });

  it("is none where a controller has finished its work since the objects were read", async () => {
    const before = lives(quota, { spec: { hard: { "limits.memory": "4Gi" } } }, [owned]);
    const now = lives(quota, {}, [owned]);
    assert.equal(
      (
        await drift(
          quota,
          [before],
          server(() => ok(now), now),
        )
      ).outcome,
      "isolated",
    );
  });

  it("names field, declared value, found value and who wrote it", async () => {
    const fields = hard("limits.memory");
    const live = lives(quota, { spec: { hard: { "limits.memory": "4Ti", pods: "5" } } }, [
      owned,
      { manager: "kubectl-patch", fields },
    ]);
    const { outcome, found, id, tenant } = await drift(quota, [live]);
    assert.deepEqual([outcome, id, tenant], ["open", "drift/ResourceQuota tenant-hr/quota", "hr"]);
    assert.match(found, /spec\.hard\.limits\.memory: declared "4Gi", live "4Ti", by kubectl-patch/);
  });

  it("names one more element of a list that someone has added, and not the whole list", async () => {
    const binding: ApiObject = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "viewer", namespace },
      subjects: [{ kind: "Group", name: "hr-people" }],
    };
    const more = {
      subjects: [
        { kind: "Group", name: "hr-people" },
        { kind: "User", name: "someone" },
      ],
    };
    const live = lives(binding, more, [{ manager: "kubectl-edit", fields: { "f:subjects": {} } }]);
    const { outcome, found } = await drift(binding, [live]);
    assert.equal(outcome, "open");
    assert.equal(
      found,
      'subjects[name=someone]: declared nothing, live {"kind":"User","name":"someone"}, by kubectl-edit',
    );
  });

  it("is told of what is gone", async () => {
    const { outcome, found } = await drift(quota, []);
    assert.deepEqual([outcome, found], ["open", "it is gone"]);
  });

  it("is told of a Secret's key that someone else has set, without reading its value", async () => {
    const api = server();
    const live = lives(secret, { data: undefined }, [
      { manager: OWNER, operation: "Apply", fields: { "f:data": {} } },
      { manager: "kubectl-edit", fields: { "f:data": { "f:routes.json": {} } } },
    ]);
    const { outcome, found } = await drift(secret, [live], api);
    assert.equal(outcome, "open");
    assert.match(found, /data\.routes\.json.*\(secret\).*by kubectl-edit/);
    assert.equal(api.asked.length, 0);
  });

  it("is told of a Secret's key that is gone", async () => {
    const live = lives(secret, { data: undefined }, [{ manager: OWNER, operation: "Apply", fields: { "f:type": {} } }]);
    assert.match((await drift(secret, [live])).found, /data\.routes\.json/);
  });

  for (const [what, declared, spec, fields, metadata] of [
    [
      "a note that someone adds",
      quota,
      {},
      { "f:metadata": { "f:annotations": { "f:looked-at": {} } } },
      { annotations: { "looked-at": "yes" } },
    ],
    [
      "a quota that is lowered",
      quota,
      { spec: { hard: { "limits.memory": "2Gi", pods: "5" } } },
      hard("limits.memory"),
      {},
    ],
    [
      "when a pool's nodes are exchanged",
      pool,
      { spec: { disruption: { consolidateAfter: "45s" }, limits: { cpu: "16" } } },
      {},
      {},
    ],
  ] as const)
    it(`weakens nothing: ${what}`, async () => {
      const live = lives(declared, spec, [owned, { manager: "kubectl", fields }], metadata);
      assert.equal((await drift(declared, [live])).outcome, "isolated");
    });

  for (const [what, fields, metadata] of [
    [
      "a label of the platform that is added",
      { "f:labels": { "f:ollama-platform.io/tenant": {} } },
      { labels: { "ollama-platform.io/tenant": "finance" } },
    ],
    [
      "a label of Pod Security that is added",
      { "f:labels": { "f:pod-security.kubernetes.io/audit": {} } },
      { labels: { "pod-security.kubernetes.io/audit": "privileged" } },
    ],
  ] as const)
    it(`is drift: ${what}`, async () => {
      const live = lives(quota, {}, [owned, { manager: "kubectl", fields: { "f:metadata": fields } }], metadata);
      assert.equal((await drift(quota, [live])).outcome, "open");
    });

  it("is not decided where the dry run is not allowed", async () => {
    const live = lives(quota, { spec: { hard: { "limits.memory": "4Ti", pods: "5" } } }, [owned]);
    const api = server(() => refused(403, "user cannot patch resource"), live);
    const { outcome, found } = await drift(quota, [live], api);
    assert.equal(outcome, "inconclusive");
    assert.match(found, /cannot patch/);
  });

  it("is certain where the declared field cannot be changed in place", async () => {
    const live = lives(quota, { spec: { hard: { "limits.memory": "4Ti", pods: "5" } } }, [owned]);
    assert.equal(
      (
        await drift(
          quota,
          [live],
          server(() => refused(422, "field is immutable"), live),
        )
      ).outcome,
      "open",
    );
  });
});
