import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { runtime } from "@pulumi/pulumi";
import * as components from "../../../components/index";
import { DeclarationError } from "../../../components/spec/fault";
import type { KubernetesObject } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { finance, platform } from "../plan/fixture";
import { keyOf, record, type Registration } from "./recording";

const POD_MAKERS = ["kubernetes:apps/v1:Deployment"];
const CLUSTER_SCOPED = ["kubernetes:core/v1:Namespace", "kubernetes:scheduling.k8s.io/v1:PriorityClass"];

/** Kind, namespace and name of an object, whether planned or registered. */
function identity({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Everything that a Secret holds. */
function textOf({ data }: Record<string, unknown>): string {
  return Object.values(runtime.unwrapRpcSecret(data) as Record<string, string>)
    .map((value) => Buffer.from(value, "base64").toString())
    .join("\n");
}

describe("Components", () => {
  let registered: Registration[];
  before(async () => {
    registered = await record(() => void new components.OllamaPlatform("ollama", platform()));
  });

  function byUrn(urn: string): Registration {
    const found = registered.find((registration) => registration.urn === urn);
    assert.ok(found, `nothing is registered as ${urn}`);
    return found;
  }

  function ancestors({ parent }: Registration): Registration[] {
    if (parent === "" || parent.endsWith("::pulumi:pulumi:Stack::test-test")) return [];
    return [byUrn(parent), ...ancestors(byUrn(parent))];
  }

  it("have the token of their package, module and class", () => {
    const classes = { ...components };
    for (const name of ["OllamaPlatform", "Tenant", "GpuNodePool", "OllamaServer"] as const) {
      assert.equal(classes[name].token, `ollama-platform:index:${name}`);
      assert.ok(registered.some(({ type }) => type === classes[name].token));
    }
  });

  it("register every object of the plan, as it is planned, and nothing else", () => {
    const planned = new Map(platformObjects(planPlatform(platform())).map((object) => [identity(object), object]));
    // What depends on keys is not in the plan: the values are known only when the engine has made them.
    const objects = registered
      .filter(({ type }) => type.startsWith("kubernetes:") && type !== "kubernetes:core/v1:Secret")
      .map(({ inputs }) => inputs as unknown as KubernetesObject);
    assert.deepEqual(objects.map(identity).sort(), [...planned.keys()].sort());
    for (const object of objects) assert.deepEqual(object, JSON.parse(JSON.stringify(planned.get(identity(object)))));
  });

  it("hand a client's key to its own Secret, and only hashes to the gateway", () => {
    const secrets = registered.filter(({ type }) => type === "kubernetes:core/v1:Secret");
    const texts = new Map(
      secrets.map(({ inputs }) => [identity(inputs as unknown as KubernetesObject), textOf(inputs)]),
    );
    // The engine is told that they are secret, so that it encrypts them in its state and hides them in its output.
    assert.ok(
      secrets.filter(({ name }) => name.includes("finance")).every(({ inputs }) => runtime.isRpcSecret(inputs["data"])),
    );
    const key = (name: string) => keyOf(`ollama-tenant-finance-server-client-${name}`);
    const policy = texts.get("Secret/tenant-finance/gateway-policy") ?? "";
    for (const one of ["ledger-key-2", "ledger-key-1", "analysts-key-1"]) {
      assert.ok(policy.includes(createHash("sha256").update(key(one)).digest("hex")), one);
      assert.ok(!policy.includes(key(one)), one);
    }
    assert.ok(texts.get("Secret/tenant-finance/client-ledger")?.includes(key("ledger-key-2")));
    assert.ok(!texts.get("Secret/tenant-finance/client-ledger")?.includes(key("ledger-key-1")));
    assert.ok(texts.get("Secret/tenant-finance/client-analysts")?.includes(key("analysts-key-1")));
    assert.deepEqual(
      secrets
        .map(({ name }) => name)
        .filter((name) => !/-secret-(gateway-policy|client-(ledger|analysts))$/.test(name)),
      [],
    );
  });

  it("have logical names that begin with their parent's, each once", () => {
    for (const registration of registered) {
      const [parent] = ancestors(registration);
      if (parent !== undefined) assert.ok(registration.name.startsWith(`${parent.name}-`), registration.urn);
    }
    assert.equal(new Set(registered.map(({ urn }) => urn)).size, registered.length);
  });

  it("give every object a component as its parent", () => {
    assert.deepEqual(
      registered.filter((one) => ancestors(one).length === 0).map(({ name }) => name),
      ["ollama"],
    );
  });

  it("put nothing into the state but names", () => {
    for (const { custom, type, inputs } of registered) {
      if (custom) continue;
      const values = Object.values(inputs);
      assert.ok(values.length === 1 && typeof values[0] === "string", `${type}: ${JSON.stringify(inputs)}`);
    }
  });

  it("delete a tenant's objects with its namespace, apart from what makes pods and their claims, which go before it", () => {
    for (const registration of registered) {
      const { namespace } = (registration.inputs as unknown as KubernetesObject).metadata ?? {};
      if (!registration.custom || namespace === undefined) continue;
      if ([...POD_MAKERS, "kubernetes:core/v1:PersistentVolumeClaim"].includes(registration.type)) {
        const inherited = [registration, ...ancestors(registration)].map(({ deletedWith }) => deletedWith);
        assert.deepEqual(new Set(inherited), new Set([""]));
        continue;
      }
      const target = byUrn(registration.deletedWith);
      assert.equal(target.type, "kubernetes:core/v1:Namespace");
      assert.equal((target.inputs as unknown as KubernetesObject).metadata.name, namespace);
    }
  });

  it("let no pod exist before every policy, quota, limit and role of its namespace", () => {
    const fences = registered.filter(({ type }) =>
      /:(NetworkPolicy|ResourceQuota|LimitRange|Role|RoleBinding|PriorityClass)$/.test(type),
    );
    const makers = registered.filter(({ type }) => POD_MAKERS.includes(type));
    assert.equal(makers.length, 3);
    for (const maker of makers) {
      const waitsFor = waitedFor([maker, ...ancestors(maker)]);
      const tenant = ancestors(maker).find(({ type }) => type === components.Tenant.token);
      const own = fences.filter((fence) => ancestors(fence)[0] === tenant);
      assert.ok(own.length > 5);
      for (const fence of own) assert.ok(waitsFor.has(fence.urn), `${maker.urn} does not wait for ${fence.name}`);
    }
  });

  it("create what a quota counts after the quotas of its namespace", () => {
    const quotas = registered.filter(({ type }) => type.endsWith(":ResourceQuota"));
    const counted = registered.filter(({ type }) => /:(Secret|ConfigMap|Service|PersistentVolumeClaim)$/.test(type));
    const namespaceOf = ({ inputs }: Registration) => (inputs as unknown as KubernetesObject).metadata.namespace;
    assert.ok(counted.length > 5);
    for (const object of counted) {
      const waitsFor = waitedFor([object, ...ancestors(object)]);
      for (const quota of quotas.filter((candidate) => namespaceOf(candidate) === namespaceOf(object)))
        assert.ok(waitsFor.has(quota.urn), `${object.urn} does not wait for ${quota.name}`);
    }
  });

  /** URNs of everything that comes before, near and far. */
  function waitedFor(all: typeof registered): Set<string> {
    const found = new Set<string>();
    const follow = (urn: string): void => {
      if (found.has(urn)) return;
      found.add(urn);
      byUrn(urn).dependencies.forEach(follow);
    };
    for (const { dependencies } of all) dependencies.forEach(follow);
    return found;
  }

  it("create the namespace before what is in it", () => {
    for (const registration of registered.filter(({ custom, type }) => custom && !CLUSTER_SCOPED.includes(type))) {
      if (registration.deletedWith === "") continue;
      const waitsFor = waitedFor([registration, ...ancestors(registration)]);
      assert.ok(waitsFor.has(registration.deletedWith), registration.urn);
    }
  });

  /** An environment whose tenant HR may be called by pods of another tenant. */
  const open = () => {
    const spec = platform();
    spec.tenants[1]!.network = { ingressFrom: [{ namespace: "tenant-finance", podLabels: { app: "x" } }] };
    const { tenants, ...environment } = spec;
    return { spec, alone: { ...environment, tenant: tenants[1]! } };
  };
  const pool = () => ({ ...platform().nodePools![1]!, gpu: { resource: "nvidia.com/mig-1g.10gb", memoryGiB: 80 } });
  const refused: Record<string, [make: () => unknown, fault: RegExp]> = {
    OllamaPlatform: [
      () => new components.OllamaPlatform("ollama", open().spec),
      /^ollama-platform:index:OllamaPlatform ollama: tenants\[1\]\.network\.ingressFrom\[0\]\.namespace$/m,
    ],
    ModelStore: [
      () => new components.ModelStore("store", open().spec),
      /^ollama-platform:index:ModelStore store: tenants\[1\]\.network\.ingressFrom\[0\]\.namespace$/m,
    ],
    Tenant: [
      () => new components.Tenant("hr", open().alone),
      /^ollama-platform:index:Tenant hr: tenant\.network\.ingressFrom\[0\]\.namespace$/m,
    ],
    OllamaServer: [
      () => new components.OllamaServer("hr", open().alone),
      /^ollama-platform:index:OllamaServer hr: tenant\.network\.ingressFrom\[0\]\.namespace$/m,
    ],
    GpuNodePool: [
      () => new components.GpuNodePool("slices", pool()),
      /^ollama-platform:index:GpuNodePool slices: gpu\.memoryGiB$/m,
    ],
  };
  for (const [name, [make, fault]] of Object.entries(refused)) {
    it(`register nothing of a declaration with a fault, and name its place: ${name}`, async () => {
      const registrations = await record(() => {
        assert.throws(make, (error: unknown) => {
          assert.ok(error instanceof DeclarationError, String(error));
          assert.match(error.message, fault);
          return true;
        });
      });
      assert.deepEqual(registrations, []);
    });
  }

  it("make a tenant alone as they make it within a platform", async () => {
    const { environment, cluster, nodePools, models } = platform();
    const args = { environment, cluster, nodePools, models, tenant: finance() };
    const alone = await record(() => void new components.Tenant("ollama-tenant-finance", args));
    const within = registered.filter((one) => one.name.startsWith("ollama-tenant-finance"));
    const objects = (list: Registration[]) =>
      list.filter(({ custom }) => custom).map(({ name, inputs }) => [name, inputs]);
    assert.deepEqual(new Map(objects(alone) as [string, unknown][]), new Map(objects(within) as [string, unknown][]));
  });
});
