import assert from "node:assert/strict";
import { type ChangeReport, compareStates } from "../../../../policy-pack/change/change";
import type { State } from "../../../../policy-pack/change/weakening";
import { compliantObjects, find, type Loose, modelOf, settings, violationsOf } from "../fixture";

const state = (objects: Loose[]): State => ({
  model: modelOf(objects),
  configuration: settings.configuration,
  violations: violationsOf(objects),
});

/** Comparison of the compliant environment with a changed copy of it. */
function change(apply: (objects: Loose[]) => void): ChangeReport {
  const after = compliantObjects();
  apply(after);
  return compareStates(state(compliantObjects()), state(after));
}

/** The sentences of one kind. */
const sentences = ({ weakened }: ChangeReport, kind: string) =>
  weakened.filter((weakening) => weakening.kind === kind).map(({ what }) => what);

const policy = (objects: Loose[], name: string) => find(objects, "NetworkPolicy", name, "tenant-hr");

describe("A change of an environment", () => {
  it("is nothing when nothing changes", () => {
    const none = { added: [], removed: [], changed: [], weakened: [], tightened: [] };
    assert.deepEqual(
      change(() => undefined),
      none,
    );
  });

  it("lists objects that come and go, and fields with old and new value", () => {
    const report = change((objects) => {
      objects.splice(objects.indexOf(policy(objects, "allow-egress")), 1);
      objects.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "new", namespace: "tenant-hr" } });
      find(objects, "ResourceQuota", "quota", "tenant-hr").spec.hard["requests.cpu"] = "7";
    });
    assert.deepEqual(report.added, ["ConfigMap tenant-hr/new"]);
    assert.deepEqual(report.removed, ["NetworkPolicy tenant-hr/allow-egress"]);
    assert.deepEqual(report.changed, [
      {
        object: "ResourceQuota tenant-hr/quota",
        fields: [{ path: 'spec.hard["requests.cpu"]', before: '"8"', after: '"7"' }],
      },
    ]);
  });

  it("shows no value of a Secret", () => {
    const report = compareStates(
      state([secret("b2xkLXZhbHVl"), ...compliantObjects()]),
      state([secret("bmV3LXZhbHVl"), ...compliantObjects()]),
    );
    assert.doesNotMatch(JSON.stringify(report), /b2xk|bmV3/);
  });

  it("weakens when a rule is broken that was not, and names the tenant", () => {
    const { weakened } = change((objects) => (find(objects, "Service", "ollama", "tenant-hr").spec.type = "NodePort"));
    assert.deepEqual(
      weakened.map(({ kind, tenant }) => [kind, tenant]),
      [["violation", "hr"]],
    );
    assert.match(weakened[0]?.what ?? "", /network\/service-types.*Service tenant-hr\/ollama/);
  });

  it("weakens when a path opens, names ports before and after, and tightens when it closes", () => {
    const openTo = (objects: Loose[]) =>
      policy(objects, "allow-egress").spec.egress[0].ports.push({ port: 5432, protocol: "TCP" });
    assert.match(sentences(change(openTo), "path").join(), /TCP 443, 5432 on internet; only TCP 443 before/);
    const opened = compliantObjects();
    openTo(opened);
    const closed = compareStates(state(opened), state(compliantObjects()));
    assert.deepEqual(closed.weakened, []);
    assert.ok(closed.tightened.some(({ kind }) => kind === "path"));
  });

  it("weakens when tenants reach each other", () => {
    const report = change((objects) => {
      policy(objects, "allow-egress").spec.egress.push({});
      find(objects, "NetworkPolicy", "allow-clients", "tenant-finance").spec.ingress.push({});
    });
    assert.match(sentences(report, "path").join("\n"), /tenant-hr.* on .*tenant-finance.*; nothing before/);
  });

  it("weakens when someone gains rights, and only by those that are new", () => {
    const report = change((objects) => {
      const { rules } = find(objects, "Role", "viewer", "tenant-hr");
      rules[0].resources.push("secrets");
      rules[0].verbs.push("delete");
    });
    assert.deepEqual(sentences(report, "right"), [
      "Group hr-viewers may, in tenant-hr: delete pods; delete pods/log; delete services; get, list, watch, delete secrets.",
    ]);
  });

  describe("that adds a tenant", () => {
    const isOfHr = ({ metadata }: Loose) => `${metadata.name} ${metadata.namespace}`.includes("hr");
    const added = (apply: (objects: Loose[]) => void = () => undefined) => {
      const after = compliantObjects();
      apply(after);
      return compareStates(state(compliantObjects().filter((object) => !isOfHr(object))), state(after));
    };

    it("weakens by what the tenant opens to the world, and not by its own roles, quota, models and DNS", () => {
      const { weakened, added: objects } = added();
      assert.ok(objects.length > 10);
      assert.ok(weakened.some(({ what }) => / on internet; nothing before/.test(what)));
      assert.deepEqual(
        weakened.filter(({ kind, what }) => kind !== "path" || what.includes("kube-system")),
        [],
      );
    });

    it("weakens when someone of another tenant gets rights in it", () => {
      const report = added((objects) => {
        const { subjects } = find(objects, "RoleBinding", "viewer", "tenant-hr");
        subjects.push({ ...subjects[0], name: "finance-viewers" });
      });
      assert.match(sentences(report, "right").join(), /^Group finance-viewers may, in tenant-hr: /);
    });
  });

  it("weakens by several things, those that open most first", () => {
    const { weakened } = change((objects) => {
      find(objects, "ResourceQuota", "quota", "tenant-hr").spec.hard["requests.cpu"] = "9";
      find(objects, "Role", "viewer", "tenant-hr").rules[0].verbs.push("delete");
      find(objects, "Service", "ollama", "tenant-hr").spec.type = "NodePort";
      policy(objects, "allow-egress").spec.egress.push({});
      find(objects, "NetworkPolicy", "allow-clients", "tenant-finance").spec.ingress.push({});
    });
    const kinds = [...new Set(weakened.map(({ kind }) => kind))];
    assert.deepEqual(kinds, ["violation", "path", "right", "amount"]);
    assert.match(
      weakened.find(({ kind }) => kind === "path")?.what ?? "",
      /tenant-(hr|finance).* on .*tenant-(hr|finance)/,
    );
  });

  it("does not weaken when a right is written in another way", () => {
    const report = change((objects) => {
      const role = find(objects, "Role", "viewer", "tenant-hr");
      role.rules = role.rules[0].resources.map((resource: string) => ({ ...role.rules[0], resources: [resource] }));
    });
    assert.deepEqual(report.weakened, []);
  });

  it("weakens when quotas or pools grow or end, and tightens when they shrink", () => {
    const report = change((objects) => {
      const { hard } = find(objects, "ResourceQuota", "quota", "tenant-hr").spec;
      hard["requests.cpu"] = "10";
      hard["requests.memory"] = "1Gi";
      delete hard["count/jobs.batch"];
      find(objects, "NodePool", "finance-gpu").spec.limits.cpu = "100";
    });
    assert.deepEqual(sentences(report, "amount"), [
      "The quota of tenant-hr is higher: requests.cpu 10 (was 8), count/jobs.batch without an end (was 20).",
      "The limit of pool finance-gpu is higher: cpu 100 (was 64).",
    ]);
    assert.ok(report.tightened.some(({ what }) => what.includes("requests.memory")));
  });

  it("weakens when a fence goes, but not when a policy that only opens goes", () => {
    const report = change((objects) => {
      for (const name of ["default-deny", "allow-clients"]) objects.splice(objects.indexOf(policy(objects, name)), 1);
    });
    assert.deepEqual(sentences(report, "fence"), ["NetworkPolicy tenant-hr/default-deny is gone."]);
  });

  it("does not weaken by the fences of a tenant that goes as a whole", () => {
    const report = change((objects) => {
      const rest = objects.filter(
        ({ metadata }) => metadata.namespace !== "tenant-hr" && metadata.name !== "tenant-hr",
      );
      objects.splice(0, objects.length, ...rest);
    });
    assert.deepEqual(sentences(report, "fence"), []);
  });

  it("weakens when an isolation level is lowered", () => {
    const label = "ollama-platform.io/isolation-level";
    const report = change(
      (objects) => (find(objects, "Namespace", "tenant-finance").metadata.labels[label] = "shared"),
    );
    assert.deepEqual(sentences(report, "level"), [
      "The isolation level of tenant-finance is shared; it was dedicated-nodes.",
    ]);
  });

  it("weakens when a model is allowed, unless it is denied as well", () => {
    const report = change((objects) => {
      const { data } = find(objects, "ConfigMap", "model-access", "tenant-hr");
      const list = JSON.parse(data["model-access.json"]);
      list.allow.push("registry.ollama.ai/library/a:1", "registry.ollama.ai/library/b:1");
      list.deny.push("registry.ollama.ai/library/b:1");
      data["model-access.json"] = JSON.stringify(list);
    });
    assert.deepEqual(sentences(report, "model"), ["Tenant hr may use model registry.ollama.ai/library/a:1."]);
  });

  it("weakens when what decides about paths and rights is hidden", () => {
    const after = state(compliantObjects());
    const hidden = { apiVersion: "helm.sh/v3", kind: "Release", metadata: { name: "chart" } };
    const objects = [...after.model.objects, { ...source(hidden), opaque: "a chart", namespace: "tenant-hr" }];
    const report = compareStates(state(compliantObjects()), { ...after, model: { ...after.model, objects } });
    assert.match(sentences(report, "path").join(), /cannot be decided/);
    assert.match(sentences(report, "right").join(), /cannot be decided/);
  });
});

function secret(value: string): Loose {
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "tenant-hr" }, data: { key: value } };
}

function source(object: Loose): Loose {
  return { object, origin: "live", unknown: [] };
}
