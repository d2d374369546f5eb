import { strict as assert } from "node:assert";
import { admissionCheck } from "../../../verifier/checks/admission";
import { controlPlaneCheck } from "../../../verifier/checks/control-plane";
import { healthCheck } from "../../../verifier/checks/health";
import { quotasCheck } from "../../../verifier/checks/quotas";
import { rightsCheck } from "../../../verifier/checks/rights";
import { rulesCheck } from "../../../verifier/checks/rules";
import { FORBIDDEN_OBJECTS } from "../../../verifier/checks/forbidden-objects";
import type { ApiReply, ApiRequest } from "../../../verifier/cluster-api";
import type { Result } from "../../../verifier/result";
import { find, type Loose } from "../policy-pack/fixture";
import { fakeApi, ok, refused } from "./fake-api";
import { subjectOf } from "./subject";

const silent = () => fakeApi(() => new Error("asked although nothing had to be asked"));
const outcomes = (results: Result[]) => [...new Set(results.map(({ outcome }) => outcome))];
const only = (results: Result[], id: string): Result => {
  const found = results.find((result) => result.id === id);
  assert.ok(found, `${id} among ${results.map((result) => result.id).join(", ")}`);
  return found;
};

describe("the rules on live objects", () => {
  it("all hold on a compliant cluster", async () => {
    assert.deepEqual(outcomes(await rulesCheck.run(subjectOf(silent()))), ["isolated"]);
  });

  it("are broken by a hand-made weakening, under the pack's own rule", async () => {
    const results = await rulesCheck.run(
      subjectOf(silent(), (objects) =>
        objects.push({
          apiVersion: "networking.k8s.io/v1",
          kind: "NetworkPolicy",
          metadata: { name: "open", namespace: "tenant-hr" },
          spec: { podSelector: {}, ingress: [{}], policyTypes: ["Ingress"] },
        }),
      ),
    );
    const open = results.filter(({ outcome }) => outcome === "open");
    assert.ok(
      open.some(({ id, tenant }) => id.startsWith("rules/network/open-rules NetworkPolicy") && tenant === "hr"),
    );
    assert.ok(open.every(({ fix }) => fix !== undefined && fix !== ""));
  });

  it("take Kubernetes' own binding of administrators for no breach, and one more subject in it for one", async () => {
    const masters = { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "system:masters" };
    const everybody = { ...masters, name: "system:authenticated" };
    const withBinding = (...subjects: object[]) =>
      rulesCheck.run(
        subjectOf(silent(), (objects) =>
          objects.push({
            apiVersion: "rbac.authorization.k8s.io/v1",
            kind: "ClusterRoleBinding",
            metadata: { name: "cluster-admin" },
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
            subjects,
          }),
        ),
      );
    assert.deepEqual(outcomes(await withBinding(masters)), ["isolated"]);
    const open = (await withBinding(masters, everybody)).filter(({ outcome }) => outcome === "open");
    assert.ok(open.some(({ id }) => id === "rules/rbac/no-broad-groups ClusterRoleBinding cluster-admin subjects[1]"));
  });

  it("decide nothing where a kind could not be read, and still tell what is broken", async () => {
    const subject = subjectOf(silent(), (objects) => {
      find(objects, "Namespace", "tenant-hr").metadata.labels = {};
    });
    subject.live.unreadable.push({ what: "rolebindings.rbac.authorization.k8s.io", why: "forbidden" });
    const results = await rulesCheck.run(subject);
    assert.deepEqual(outcomes(results).sort(), ["inconclusive", "open"]);
    assert.match(results.find(({ outcome }) => outcome === "inconclusive")?.found ?? "", /rolebindings.*forbidden/);
  });
});

describe("access reviews", () => {
  const askedFor = ({ body }: ApiRequest) => (body as Loose).spec;
  const isAdministrator = (request: ApiRequest) => askedFor(request).groups.includes("system:masters");
  /** An API server that lists nobody's rules unless it is told how, and answers about single rights. */
  const authorizer = (allows: (spec: Loose) => boolean, list?: (request: ApiRequest) => ApiReply) =>
    fakeApi((request) => {
      if (request.path.endsWith("selfsubjectrulesreviews"))
        return list?.(request) ?? refused(403, "cannot impersonate");
      return ok({ status: { allowed: isAdministrator(request) || allows(askedFor(request)) } });
    });
  const isAboutRules = ({ path }: ApiRequest) => path.endsWith("selfsubjectrulesreviews");
  /** Four more tenants like hr. */
  const more = (objects: Loose[]): void => {
    const hr = objects.filter(({ metadata }) => metadata.name === "tenant-hr" || metadata.namespace === "tenant-hr");
    // A right on the own namespace names it.
    const own = { apiGroups: [""], resources: ["namespaces"], resourceNames: ["tenant-hr"], verbs: ["get"] };
    for (const role of hr.filter(({ kind }) => kind === "Role")) role.rules.push(own);
    for (const name of ["ops", "law", "lab", "art"])
      objects.push(...(JSON.parse(JSON.stringify(hr).replaceAll("hr", name)) as Loose[]));
  };

  it("ask about a few of those with equal rights right by right, and look for the others' in the rules that the server lists", async () => {
    const noRules = () => ok({ status: { resourceRules: [], nonResourceRules: [], incomplete: false } });
    const few = authorizer(() => false, noRules);
    const all = authorizer(() => false);
    const [byRules, oneByOne] = await Promise.all([few, all].map((api) => rightsCheck.run(subjectOf(api, more))));
    assert.deepEqual(outcomes(byRules ?? []), ["isolated"]);
    assert.deepEqual(
      byRules?.map(({ id }) => id),
      oneByOne?.map(({ id }) => id),
    );
    assert.ok(few.asked.length < all.asked.length / 2, `${few.asked.length} of ${all.asked.length}`);
    const listed = few.asked.filter(isAboutRules);
    assert.ok(listed.length > 0 && listed.every(({ as }) => as !== undefined));
    assert.ok(byRules?.some(({ tried }) => tried.includes("rules that the API server lists")));
  });

  it("find a right among the rules that the server lists, which roles and bindings do not tell of", async () => {
    const api = authorizer(
      () => false,
      ({ as }) => {
        const rule = { verbs: ["get"], apiGroups: [""], resources: ["secrets"] };
        const isHers = as?.groups.some((group) => group.startsWith("art-")) === true;
        return ok({ status: { resourceRules: isHers ? [rule] : [], incomplete: false } });
      },
    );
    const open = (await rightsCheck.run(subjectOf(api, more))).filter(({ outcome }) => outcome === "open");
    assert.ok(open.length > 0);
    assert.ok(open.every(({ tenant }) => tenant === "art"));
    assert.match(open[0]?.found ?? "", /get secrets in tenant-art/);
    assert.match(open[0]?.disagreement ?? "", /is allowed against/);
  });

  it("ask right by right where the server cannot list all rules", async () => {
    const api = authorizer(
      () => false,
      () => ok({ status: { resourceRules: [], incomplete: true } }),
    );
    const results = await rightsCheck.run(subjectOf(api, more));
    assert.ok(results.every(({ tried }) => tried.startsWith("asks for")));
  });

  it("show that nobody of a tenant may do what nobody of a tenant may", async () => {
    const results = await rightsCheck.run(subjectOf(authorizer(() => false)));
    assert.deepEqual(outcomes(results), ["isolated"]);
    assert.ok(results.some(({ tenant }) => tenant === "finance"));
    assert.ok(results.some(({ id }) => id.includes("stranger")));
  });

  it("find a right that is held, with the right named, and that roles and bindings do not tell of it", async () => {
    const results = await rightsCheck.run(
      subjectOf(
        authorizer(
          ({ resourceAttributes: { resource, verb, namespace } }) =>
            resource === "secrets" && verb === "get" && namespace === "tenant-hr",
        ),
      ),
    );
    const open = results.filter(({ outcome }) => outcome === "open");
    assert.ok(open.length > 0);
    assert.match(open[0]?.found ?? "", /get secrets in tenant-hr/);
    assert.match(open[0]?.disagreement ?? "", /get secrets in tenant-hr is allowed/);
  });

  it("tell when the roles allow what the API server refuses", async () => {
    const results = await rightsCheck.run(
      subjectOf(
        authorizer(() => false),
        (objects) =>
          objects.push(
            {
              apiVersion: "rbac.authorization.k8s.io/v1",
              kind: "Role",
              metadata: { name: "reader", namespace: "tenant-hr" },
              rules: [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
            },
            {
              apiVersion: "rbac.authorization.k8s.io/v1",
              kind: "RoleBinding",
              metadata: { name: "reader", namespace: "tenant-hr" },
              roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
              subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "hr-people" }],
            },
          ),
      ),
    );
    assert.match(only(results, "rights/Group hr-people").disagreement ?? "", /refused against what the roles/);
  });

  it("prove nothing when even administrators are refused, or when reviews may not be asked for", async () => {
    const none = await rightsCheck.run(subjectOf(fakeApi(() => ok({ status: { allowed: false } }))));
    assert.deepEqual(outcomes(none), ["inconclusive"]);
    const forbidden = await rightsCheck.run(
      subjectOf(fakeApi(() => refused(403, "subjectaccessreviews is forbidden"))),
    );
    assert.deepEqual(outcomes(forbidden), ["inconclusive"]);
  });

  it("prove nothing about someone for whom the server stopped answering", async () => {
    let answers = 0;
    const api = fakeApi((request) =>
      ++answers > 40 ? new Error("gone") : ok({ status: { allowed: isAdministrator(request) } }),
    );
    assert.ok((await rightsCheck.run(subjectOf(api))).some(({ outcome }) => outcome === "inconclusive"));
  });
});

describe("dry runs of forbidden objects", () => {
  /** The harmless objects, without what differs from namespace to namespace. */
  const twins = new Set(FORBIDDEN_OBJECTS.map(({ twin }) => comparable(twin({ namespace: "", image: "" }))));
  const isTwin = ({ body }: ApiRequest) => twins.has(comparable(body));

  function comparable(body: unknown): string {
    const object = JSON.parse(JSON.stringify(body)) as Loose;
    object.metadata.namespace = "";
    if (object.kind === "Pod") object.spec.containers[0].image = "";
    if (!object.spec.priorityClassName?.startsWith("system-")) delete object.spec.priorityClassName;
    return JSON.stringify(object);
  }

  const answering = (toForbidden: ApiReply, toTwin: ApiReply) =>
    fakeApi((request) => (isTwin(request) ? toTwin : toForbidden));
  const created = ok({});

  it("prove isolation when the object is refused and its twin accepted", async () => {
    const api = answering(refused(403, 'pods "x" is forbidden: violates PodSecurity "restricted:v1.36"'), created);
    const results = await admissionCheck.run(subjectOf(api));
    assert.deepEqual(outcomes(results), ["isolated"]);
    assert.equal(results.length, 2 * FORBIDDEN_OBJECTS.length);
    assert.ok(
      api.asked.every(({ path }) => path.endsWith("?dryRun=All")),
      "nothing is really created",
    );
  });

  it("find what would be accepted", async () => {
    assert.deepEqual(outcomes(await admissionCheck.run(subjectOf(answering(created, created)))), ["open"]);
  });

  it("prove nothing when the twin is refused too", async () => {
    const results = await admissionCheck.run(
      subjectOf(answering(refused(403, "quota"), refused(403, "exceeded quota: pods"))),
    );
    assert.deepEqual(outcomes(results), ["inconclusive"]);
    assert.match(results[0]?.found ?? "", /exceeded quota: pods/);
  });

  it("take a missing right of the verifier's own for no refusal", async () => {
    const own = refused(403, 'pods is forbidden: User "verifier" cannot create resource "pods" in API group ""');
    assert.deepEqual(outcomes(await admissionCheck.run(subjectOf(answering(own, own)))), ["inconclusive"]);
  });

  it("take a broken server for no refusal", async () => {
    assert.deepEqual(outcomes(await admissionCheck.run(subjectOf(answering(refused(500, "etcd"), created)))), [
      "inconclusive",
    ]);
    assert.deepEqual(outcomes(await admissionCheck.run(subjectOf(fakeApi(() => new Error("gone"))))), ["inconclusive"]);
  });
});

describe("quotas on the live cluster", () => {
  const withUse = (change: (quota: Loose) => void) => (objects: Loose[]) => {
    for (const quota of objects.filter(({ kind }) => kind === "ResourceQuota")) {
      quota.status = {
        hard: { ...quota.spec.hard },
        used: Object.fromEntries(Object.keys(quota.spec.hard).map((key) => [key, "0"])),
      };
      if (quota.metadata.namespace === "tenant-hr") change(quota);
    }
  };

  it("are kept", async () => {
    assert.deepEqual(
      outcomes(
        await quotasCheck.run(
          subjectOf(
            silent(),
            withUse(() => undefined),
          ),
        ),
      ),
      ["isolated"],
    );
  });

  it("are exceeded when more is used than allowed", async () => {
    const results = await quotasCheck.run(
      subjectOf(
        silent(),
        withUse(({ status }) => (status.used["pods"] = "1000")),
      ),
    );
    assert.match(results.find(({ outcome }) => outcome === "open")?.found ?? "", /pods 1000 of/);
  });

  it("tell what is nearly used up", async () => {
    const results = await quotasCheck.run(
      subjectOf(
        silent(),
        withUse(({ spec, status }) => (status.used["limits.memory"] = spec.hard["limits.memory"])),
      ),
    );
    assert.deepEqual(outcomes(results), ["isolated"]);
    assert.ok(results.some(({ found }) => found.includes("nearly used up: limits.memory")));
  });

  it("prove nothing while nobody counts, or while an older limit is enforced", async () => {
    assert.ok(outcomes(await quotasCheck.run(subjectOf(silent()))).includes("inconclusive"));
    const results = await quotasCheck.run(
      subjectOf(
        silent(),
        withUse(({ status }) => (status.hard["pods"] = "1000")),
      ),
    );
    assert.ok(outcomes(results).includes("inconclusive"));
  });
});

describe("a workspace on a live cluster", () => {
  const rbac = "rbac.authorization.k8s.io";
  const namespace = "tenant-hr-apps";
  /** A workspace of HR's, with its developers and with what the guard says of its images. */
  const withWorkspace = (objects: Loose[]): void => {
    const own = structuredClone(find(objects, "Namespace", "tenant-hr"));
    own.metadata.name = namespace;
    const { variables } = find(objects, "ValidatingAdmissionPolicy", "ollama-platform-placement").spec;
    variables.find(({ name }: Loose) => name === "repositories").expression =
      '{"tenant-hr-apps": ["registry.example.com/hr/"]}[?request.namespace].orValue([])';
    objects.push(
      own,
      { apiVersion: `${rbac}/v1`, kind: "Role", metadata: { name: "developer", namespace }, rules: [] },
      {
        apiVersion: `${rbac}/v1`,
        kind: "RoleBinding",
        metadata: { name: "developer", namespace },
        roleRef: { apiGroup: rbac, kind: "Role", name: "developer" },
        subjects: [{ apiGroup: rbac, kind: "Group", name: "hr-developers" }],
      },
    );
  };

  it("is asked for none of the rights that its developers have there, and for all of them elsewhere", async () => {
    const api = fakeApi(() => ok({ status: { allowed: true } }));
    await rightsCheck.run(subjectOf(api, withWorkspace));
    const asked = api.asked.map(({ body }) => (body as Loose).spec);
    const places = (resource: string) =>
      new Set(
        asked
          .filter(
            ({ groups, resourceAttributes }) =>
              groups?.includes("hr-developers") && resourceAttributes.resource === resource,
          )
          .map(({ resourceAttributes }) => resourceAttributes.namespace),
      );
    assert.ok(places("secrets").has("tenant-hr") && !places("secrets").has(namespace));
    assert.ok(places("resourcequotas").has("tenant-hr") && places("resourcequotas").has(namespace));
  });

  it("is tried with an image that the guard lets run there, though nothing runs yet", async () => {
    const api = fakeApi(() => ok({}));
    await admissionCheck.run(subjectOf(api, withWorkspace));
    const tried = api.asked.filter(({ path }) => path.startsWith(`/api/v1/namespaces/${namespace}/pods`));
    assert.ok(tried.length > 10);
    for (const { body } of tried) {
      const { spec } = body as Loose;
      assert.equal(spec.containers[0].image, "registry.example.com/hr/verifier-probe:0");
    }
  });

  it("needs no server", async () => {
    const results = await healthCheck.run(subjectOf(silent(), withWorkspace));
    assert.ok(!results.some(({ id }) => id.includes(namespace)));
  });
});

describe("the health of tenants' servers", () => {
  const deployed = (status: Loose) => (objects: Loose[]) => {
    for (const deployment of objects.filter(({ kind }) => kind === "Deployment")) {
      deployment.metadata.generation = 3;
      deployment.status = status;
    }
  };

  it("is good when every pod is ready", async () => {
    const results = await healthCheck.run(subjectOf(silent(), deployed({ observedGeneration: 3, readyReplicas: 9 })));
    assert.deepEqual(outcomes(results), ["isolated"]);
  });

  it("is bad when pods are missing, with the reason", async () => {
    const conditions = [{ type: "Available", status: "False", message: "no room" }];
    const results = await healthCheck.run(subjectOf(silent(), deployed({ observedGeneration: 3, conditions })));
    assert.deepEqual(outcomes(results), ["open"]);
    assert.match(results[0]?.found ?? "", /no room/);
  });

  it("is not decided by the state of an older version, nor by none", async () => {
    assert.deepEqual(
      outcomes(await healthCheck.run(subjectOf(silent(), deployed({ observedGeneration: 2, readyReplicas: 9 })))),
      ["inconclusive"],
    );
    assert.deepEqual(outcomes(await healthCheck.run(subjectOf(silent(), deployed(undefined)))), ["inconclusive"]);
  });

  it("is bad where a tenant has no server at all", async () => {
    const results = await healthCheck.run(
      subjectOf(silent(), (objects) =>
        objects.splice(0, objects.length, ...objects.filter(({ kind }) => kind !== "Deployment")),
      ),
    );
    assert.deepEqual(outcomes(results), ["open"]);
  });
});

describe("the API server's metrics", () => {
  const metrics = (...lines: string[]) => fakeApi(() => ok(["# HELP x", ...lines].join("\n")));
  const stored = (prefix: string) =>
    `apiserver_storage_transformation_operations_total{resource="secrets",status="OK",transformation_type="to_storage",transformer_prefix="${prefix}"} 7`;
  const outcomesOf = async (...lines: string[]) =>
    Object.fromEntries(
      (await controlPlaneCheck.run(subjectOf(metrics(...lines)))).map(({ id, outcome }) => [id, outcome]),
    );

  it("show audit and encryption", async () => {
    assert.deepEqual(await outcomesOf("apiserver_audit_event_total 12", stored("k8s:enc:aescbc:v1:")), {
      "control-plane/audit": "isolated",
      "control-plane/encryption": "isolated",
    });
  });

  it("show that neither is there", async () => {
    assert.deepEqual(await outcomesOf("apiserver_audit_event_total 0", stored("")), {
      "control-plane/audit": "open",
      "control-plane/encryption": "open",
    });
  });

  it("decide nothing where they are missing or withheld", async () => {
    assert.deepEqual([...new Set(Object.values(await outcomesOf("other 1")))], ["inconclusive"]);
    const results = await controlPlaneCheck.run(
      subjectOf(fakeApi(() => refused(403, 'User "x" cannot get path "/metrics"'))),
    );
    assert.deepEqual(outcomes(results), ["inconclusive"]);
  });
});
