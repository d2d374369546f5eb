import assert from "node:assert/strict";
import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { createPolicies } from "../../../policy-pack/policies";
import { rules } from "../../../policy-pack/rules";
import { analyzeResource, analyzeStack, type Diagnostic, resourceOf, UNKNOWN_STRING, urnOf } from "./crossguard";
import { compliantObjects, find, financePod, type Loose } from "./fixture";

const rawSettings = {
  cluster: {
    ingressPeers: [{ namespace: "ingress-nginx", podLabels: { "app.kubernetes.io/name": "ingress-nginx" } }],
  },
  admission: { requiredPolicies: ["ollama-platform-placement"], deployers: ["oidc:platform-staging"] },
};

/** The pack's policies with a configuration, which the engine would hand over by a call of its own. */
function policies(
  raw: object = rawSettings,
  today = "2026-11-25",
): (ResourceValidationPolicy & StackValidationPolicy)[] {
  return createPolicies(rules, () => today).map((policy) => {
    const { validateResource, validateStack } = policy as Loose;
    const withConfig = (validate: Loose) =>
      validate && ((args: Loose, report: Loose) => validate({ ...args, getConfig: () => raw }, report));
    return {
      ...policy,
      validateResource: withConfig(validateResource),
      validateStack: withConfig(validateStack),
    } as Loose;
  });
}

function mandatory(diagnostics: Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ level }) => level === "mandatory");
}

describe("the policies in CrossGuard", () => {
  it("pass a compliant stack", async () => {
    assert.deepEqual(await analyzeStack(policies(), compliantObjects().map(resourceOf)), []);
  });

  it("name rule, object, field and fix of a violation, at the resource that causes it", async () => {
    const objects = compliantObjects();
    financePod(objects).hostNetwork = true;
    const all = mandatory(await analyzeStack(policies(), objects.map(resourceOf)));
    const found = all.find(({ message }) => message.startsWith("[pods/"));
    assert.ok(found);
    assert.match(
      found.message,
      /^\[pods\/host-namespaces\] Deployment tenant-finance\/ollama: spec\.template\.spec\.hostNetwork is true.* Fix: /,
    );
    assert.equal(found.urn, urnOf(resourceOf(find(objects, "Deployment", "ollama", "tenant-finance"))));
    // Beside the cause, its effect: pods of other tenants in reach.
    const others = all.filter((diagnostic) => diagnostic !== found);
    assert.ok(others.every(({ message }) => message.startsWith("[network/tenant-reachability]")));
  });

  it("refuse an object before it is created", async () => {
    const objects = compliantObjects();
    financePod(objects).containers[0].securityContext.privileged = true;
    const found = await analyzeResource(
      policies(),
      resourceOf(find(objects, "Deployment", "ollama", "tenant-finance")),
    );
    assert.match(mandatory(found)[0]?.message ?? "", /^\[pods\/privileged\]/);
  });

  it("know from its labels whose a namespace is that was registered earlier", async () => {
    const used = policies({ ...rawSettings, tenants: { namespacePattern: "" } });
    const objects = compliantObjects();
    financePod(objects).hostPID = true;
    const deployment = resourceOf(find(objects, "Deployment", "ollama", "tenant-finance"));
    assert.deepEqual(await analyzeResource(used, deployment), []);
    await analyzeResource(used, resourceOf(find(objects, "Namespace", "tenant-finance")));
    assert.match((await analyzeResource(used, deployment))[0]?.message ?? "", /^\[pods\/host-namespaces\]/);
  });

  it("say a violation once, although both the object and the stack are looked at", async () => {
    const used = policies();
    const objects = compliantObjects();
    financePod(objects).hostIPC = true;
    const resources = objects.map(resourceOf);
    const all: Diagnostic[] = [];
    for (const resource of resources) all.push(...(await analyzeResource(used, resource)));
    all.push(...(await analyzeStack(used, resources)));
    assert.equal(all.filter(({ message }) => message.includes("hostIPC")).length, 1);
  });

  it("stay mandatory when a value is unknown", async () => {
    const objects = compliantObjects();
    financePod(objects).hostNetwork = UNKNOWN_STRING;
    const found = await analyzeStack(policies(), objects.map(resourceOf));
    assert.deepEqual(
      found.filter(({ message }) => message.includes("can't run policy")),
      [],
    );
    const named = mandatory(found).map(({ message }) => message.split(" ")[0]);
    assert.ok(named.includes("[objects/known-values]"), named.join());
    assert.ok(named.includes("[pods/host-namespaces]"), named.join());
  });

  it("still find what is broken elsewhere when a value is unknown", async () => {
    const objects = compliantObjects();
    find(objects, "Namespace", "tenant-hr").metadata.labels.note = UNKNOWN_STRING;
    financePod(objects).hostPID = true;
    const found = mandatory(await analyzeStack(policies(), objects.map(resourceOf)));
    assert.ok(found.some(({ message }) => message.startsWith("[pods/host-namespaces]")));
  });

  it("pass values that only the API server knows", async () => {
    const objects = compliantObjects();
    for (const object of objects) object.status = UNKNOWN_STRING;
    for (const object of objects) object.metadata.uid = UNKNOWN_STRING;
    assert.deepEqual(await analyzeStack(policies(), objects.map(resourceOf)), []);
  });

  it("refuse a Helm release, a patch and a resource of unknown name in tenants' namespaces", async () => {
    const release = {
      type: "kubernetes:helm.sh/v3:Release",
      name: "chart",
      props: { chart: "nginx", namespace: "tenant-hr" },
    };
    const patched = compliantObjects().map(resourceOf);
    const patch = {
      type: "kubernetes:apps/v1:DeploymentPatch",
      name: "patch",
      props: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "ollama", namespace: "tenant-hr" } },
    };
    const found = mandatory(await analyzeStack(policies(), [...patched, release, patch]));
    const visible = found.filter(({ message }) => message.startsWith("[objects/visible]"));
    assert.deepEqual(
      visible.map(({ urn }) => urn),
      [urnOf(release), urnOf(patch)],
    );
  });

  it("never print the value of a Secret", async () => {
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "keys", namespace: "tenant-hr" },
      type: "kubernetes.io/service-account-token",
      stringData: { "api-key": "hunter2" },
      data: { token: "aHVudGVyMg==" },
    };
    const found = await analyzeStack(policies(), [...compliantObjects(), secret].map(resourceOf));
    assert.ok(found.some(({ message }) => message.startsWith("[secrets/no-token-secrets]")));
    for (const { message } of found) assert.doesNotMatch(message, /hunter2|aHVudGVyMg/);
  });

  it("fail with every fault of a wrong configuration, a misspelt rule name among them", async () => {
    const wrong = {
      rules: { "pods/privilegd": { level: "advisory", reason: "a good reason" } },
      clusters: {},
      images: { requireDigest: "yes" },
    };
    await assert.rejects(analyzeStack(policies(wrong), []), (error: Error) => {
      assert.match(error.message, /pods\/privilegd.*did you mean pods\/privileged/);
      assert.match(error.message, /unknown key "clusters"/);
      assert.match(error.message, /images\.requireDigest: "yes" must be boolean/);
      assert.doesNotMatch(error.message, /\n +at /);
      return true;
    });
  });

  it("list advisory rules, exemptions and switched-off rules among the notices", async () => {
    const objects = compliantObjects();
    financePod(objects).hostNetwork = true;
    financePod(objects).containers[0].image = "docker.io/envoyproxy/envoy:latest";
    const reason = "for the sake of this test";
    const exemption = (over: object) => ({
      rule: "pods/host-namespaces",
      object: "Deployment tenant-finance/ollama",
      reason,
      expires: "2026-12-31",
      ...over,
    });
    const raw = {
      ...rawSettings,
      rules: {
        "images/pinned": { level: "advisory", reason },
        "network/tenant-reachability": { level: "disabled", reason },
      },
      exemptions: [
        exemption({}),
        exemption({ object: "Deployment tenant-hr/ollama" }),
        exemption({ rule: "pods/host-ports", expires: "2026-01-01" }),
      ],
    };
    const found = await analyzeStack(policies(raw), objects.map(resourceOf));
    assert.deepEqual(mandatory(found), []);
    const text = found.map(({ message }) => message).join("\n");
    assert.match(text, /advisory \[images\/pinned\]/);
    assert.match(text, /exempt until 2026-12-31 \(for the sake of this test\): \[pods\/host-namespaces\]/);
    assert.match(text, /unused: the exemption of Deployment tenant-hr\/ollama/);
    assert.match(text, /expired on 2026-01-01/);
    assert.match(text, /switched off: rule network\/tenant-reachability/);
  });

  it("look at the selected rules only, and say among the notices how many they leave out", async () => {
    const objects = compliantObjects();
    financePod(objects).hostNetwork = true;
    const raw = { ...rawSettings, selection: { areas: ["network", "rbac"], frameworks: ["nsa"] } };
    const found = await analyzeStack(policies(raw), objects.map(resourceOf));
    assert.deepEqual(
      mandatory(found).filter(({ message }) => !message.startsWith("[network/")),
      [],
    );
    assert.match(found.map(({ message }) => message).join("\n"), /not selected: \d+ rules, of .*pods/);
  });

  it("block again on the day after an exemption's last", async () => {
    const objects = compliantObjects();
    financePod(objects).hostPID = true;
    const exemptions = [
      {
        rule: "pods/host-namespaces",
        object: "Deployment tenant-finance/ollama",
        reason: "until the debugging is done",
        expires: "2026-12-31",
      },
    ];
    const on = (today: string) =>
      analyzeStack(policies({ ...rawSettings, exemptions }, today), objects.map(resourceOf));
    assert.deepEqual(mandatory(await on("2026-12-31")), []);
    assert.equal(mandatory(await on("2027-01-01")).length, 1);
  });
});
