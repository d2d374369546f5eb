import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { readArguments } from "../../../components/arguments";
import { resolveArguments, resolvePoolArguments, type ArgumentsKind } from "../../../components/spec/arguments";

const COMPONENT = "ollama-platform:index:Tenant hr";

/** Arguments without fault; each test breaks one thing. */
const tenantArguments = () => ({
  environment: "dev",
  models: [{ name: "qwen2.5:0.5b" }],
  tenant: {
    name: "hr",
    displayName: "Human resources" as unknown,
    models: { allow: ["qwen2.5:0.5b"] as unknown },
    server: { cpu: "2" as unknown },
  } as Record<string, unknown>,
});

/** What the components refuse arguments with. */
function refusal(args: object, kind: ArgumentsKind = "tenantArguments"): string {
  try {
    if (kind === "nodePoolArguments") resolvePoolArguments(readArguments(kind, COMPONENT, args));
    else resolveArguments(readArguments(kind, COMPONENT, args));
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    assert.doesNotMatch((error as Error).stack ?? "", /\n +at /);
    return (error as Error).message;
  }
  return assert.fail("the arguments were accepted");
}

/** Lines that name the faults' places. */
const places = (message: string) =>
  message.split("\n").flatMap((line) => (line.startsWith(COMPONENT) ? [line.slice(COMPONENT.length + 2)] : []));

describe("Arguments of components", () => {
  before(() => pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }));

  it("pass as they are when nothing is wrong", () => {
    assert.deepEqual(readArguments("tenantArguments", COMPONENT, tenantArguments()).args, tenantArguments());
  });

  it("may give quantities as numbers and `auto`, as a file may", () => {
    const args = tenantArguments();
    args.tenant["server"] = { cpu: 2, memory: "auto" };
    args.tenant["quota"] = "auto";
    const { tenant } = readArguments("tenantArguments", COMPONENT, args).args as ReturnType<typeof tenantArguments>;
    assert.deepEqual(tenant["server"], { cpu: "2" });
    assert.ok(!("quota" in tenant));
  });

  it("are refused with every fault at once", () => {
    const args = tenantArguments();
    args.tenant["name"] = "HR";
    args.tenant["server"] = { cpu: true };
    args.tenant["model"] = {};
    assert.deepEqual(places(refusal(args)), ["tenant.model", "tenant.name", "tenant.server.cpu"]);
  });

  it("are refused when they are missing", () => {
    assert.deepEqual(places(refusal({})), ["environment", "models", "tenant"]);
    assert.deepEqual(places(refusal({}, "platformArguments")), ["environment", "models", "tenants"]);
    assert.deepEqual(places(refusal({}, "nodePoolArguments")), ["backend", "limits", "name", "tenancy"]);
  });

  const hidden = "The words of a secret";
  const unreadable: [string, () => unknown][] = [
    ["a secret", () => pulumi.secret(hidden)],
    ["an output", () => pulumi.output(hidden)],
    ["a promise", () => Promise.resolve(hidden)],
  ];
  for (const [what, make] of unreadable) {
    it(`are refused when ${what} is in them, without its value`, () => {
      const args = tenantArguments();
      args.tenant["displayName"] = make();
      const message = refusal(args);
      assert.deepEqual(places(message), ["tenant.displayName"]);
      assert.match(message, /is a secret, or an output of another resource/);
      assert.ok(!message.includes(hidden));
    });
  }

  it("may have values of tenants' secrets, which are not looked at and not handed on", () => {
    const args = { ...tenantArguments(), secretValues: { "hr.password": pulumi.secret(hidden) } };
    assert.deepEqual(readArguments("tenantArguments", COMPONENT, args).args, tenantArguments());
    const pool = {
      name: "gpu",
      backend: "existing",
      tenancy: "shared",
      limits: { cpu: "1", memory: "1Gi" },
      secretValues: {},
    };
    assert.deepEqual(places(refusal(pool, "nodePoolArguments")), ["secretValues"]);
  });

  it("are refused when a secret is in place of a list or of the whole", () => {
    const args = tenantArguments();
    args.tenant["models"] = { allow: pulumi.secret(["qwen2.5:0.5b"]) };
    assert.deepEqual(places(refusal(args)), ["tenant.models.allow"]);
    assert.deepEqual(places(refusal({ ...tenantArguments(), tenant: pulumi.secret({}) })), ["tenant"]);
  });
});
