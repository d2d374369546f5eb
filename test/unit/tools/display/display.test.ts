import assert from "node:assert/strict";
import { makeDisplay, type DisplayOptions, type Plan } from "../../../../tools/local/display/display";
import type { Step } from "../../../../tools/local/display/events";

const stack = "urn:pulumi:dev::ollama-platform::";
const tenant = (name: string) =>
  `${stack}ollama-platform:index:OllamaPlatform$ollama-platform:index:Tenant::ollama-tenant-${name}`;
const store = `${stack}ollama-platform:index:OllamaPlatform$ollama-platform:index:ModelStore::ollama-store`;

/** A step on an object of a component. */
function step(op: string, type: string, name: string, parent: string, more: Partial<Step> = {}): Step {
  const state = { parent, inputs: { metadata: { name } } };
  const isGone = op.startsWith("delete");
  return {
    ...{ op, type, urn: `${parent.replace(/::[^:]*$/, "")}$${type}::${name}` },
    ...(isGone ? { old: state, new: null } : { old: null, new: state }),
    ...more,
  };
}
const secret = (op: string, name: string, parent = tenant("hr")) => step(op, "kubernetes:core/v1:Secret", name, parent);

describe("what a run of the engine tells", () => {
  let lines: string[];
  let live: string[];
  let time: number;
  beforeEach(() => {
    [lines, live, time] = [[], [], 0];
  });

  const display = (options: Partial<DisplayOptions> = {}) =>
    makeDisplay({
      screen: { say: (line) => void lines.push(line), live: (line) => void live.push(line) },
      isPreview: false,
      now: () => time,
      ...options,
    });

  /** Runs the steps to their ends. */
  function run(steps: Step[], options: Partial<DisplayOptions> = {}): Plan {
    const shown = display(options);
    for (const metadata of steps) {
      shown.take({ resourcePreEvent: { metadata } });
      shown.take({ resOutputsEvent: { metadata } });
    }
    shown.end(true);
    return shown.plan();
  }

  const many = (name: string, count = 30) =>
    Array.from({ length: count }, (_, index) =>
      step("create", "kubernetes:networking.k8s.io/v1:NetworkPolicy", `policy-${index}`, tenant(name)),
    );

  it("is one line for a new tenant, and one for each change of another", () => {
    run([...many("sales"), secret("update", "gateway-policy")], { isPreview: true });
    assert.deepEqual(lines, [
      "  tenant hr: ~ Secret gateway-policy: what the gateway lets pass: clients' keys, their limits, models (values are not shown)",
      "  tenant sales: 30 to create",
      "  30 to create, 1 to change; 0 s",
    ]);
  });

  it("is told while it goes on: small parts by their objects, large ones when they are done", () => {
    const steps = [...many("sales"), secret("update", "client-portal")];
    const expected = run(steps, { isPreview: true });
    lines = [];
    time = 4000;
    run(steps, { expected });
    assert.deepEqual(lines, [
      "  tenant sales: 30 created after 0 s",
      "  tenant hr: ~ Secret client-portal: address and key of client portal (not shown)",
      "  30 created, 1 changed; 0 s",
    ]);
  });

  it("says that an object whose name follows from its content is recreated, and not that one is deleted", () => {
    const job = (op: string, digits: string) => step(op, "kubernetes:batch/v1:Job", `model-loader-${digits}`, store);
    run([job("create", "bfdc2e566a"), job("delete", "0a1b2c3d4e")], { isPreview: true });
    assert.equal(
      lines[0],
      "  model store: ± Job model-loader: replaced under a new name, which follows from its content",
    );
  });

  it("says what was done before it stopped", () => {
    const shown = display();
    shown.take({ resOutputsEvent: { metadata: secret("create", "client-portal") } });
    shown.end(false);
    display().end(false);
    assert.deepEqual(lines.slice(1), ["  1 created before it stopped; 0 s", "  nothing is done; 0 s"]);
  });

  it("names the fields that change", () => {
    const diff = {
      detailedDiff: { "spec.rules[0].verbs[3]": {}, "spec.a": {}, "spec.b": {}, "spec.c": {}, "spec.d": {} },
    };
    run([step("update", "kubernetes:rbac.authorization.k8s.io/v1:Role", "viewer", tenant("hr"), diff)]);
    assert.equal(
      lines[0],
      "  tenant hr: ~ Role viewer: spec.rules[0].verbs[3], spec.a, spec.b, spec.c, and 1 more fields",
    );
  });

  it("has each error at once, with its place, and each text once", () => {
    const metadata = secret("create", "gateway-policy");
    const shown = display();
    shown.take({ resourcePreEvent: { metadata } });
    const message = "2 errors occurred:\n\t* no such model\n\t* no such model\n";
    for (let time = 0; time < 3; time++)
      shown.take({ diagnosticEvent: { urn: metadata.urn, message: `<{%fg 1%}>${message}`, severity: "error" } });
    assert.deepEqual(lines, ["error: tenant hr, Secret gateway-policy: 2 errors occurred:\n\t* no such model"]);
    assert.equal(shown.hasFailed(), true);
  });

  it("has what the policy pack refuses, and is no failure by its advice alone", () => {
    const shown = display({ isPreview: true });
    const policy = { policyName: "tenant-isolation", message: "Role tenant-hr/operator reads Secrets." };
    shown.take({ policyEvent: { ...policy, enforcementLevel: "advisory" } });
    assert.equal(shown.hasFailed(), false);
    shown.take({ policyEvent: { ...policy, enforcementLevel: "mandatory" } });
    assert.equal(shown.hasFailed(), true);
    assert.equal(lines[1], "policy tenant-isolation, mandatory:\n  Role tenant-hr/operator reads Secrets.");
  });

  it("leaves out passing states, the engine's own frame and what stays the same", () => {
    const shown = display();
    shown.take({ diagnosticEvent: { message: "Waiting for Job", severity: "info", ephemeral: true } });
    shown.take({ diagnosticEvent: { message: "detail", severity: "debug" } });
    for (const metadata of [
      step("create", "ollama-platform:index:Tenant", "ollama-tenant-hr", stack),
      secret("same", "client-portal"),
    ])
      shown.take({ resOutputsEvent: { metadata } });
    shown.end(true);
    assert.deepEqual(lines, ["  nothing to change; 0 s"]);
  });

  it("says in its live line how far it is and what is under way", () => {
    const shown = display({ expected: new Map([["tenant hr", many("hr", 5)]]) });
    shown.take({ resourcePreEvent: { metadata: secret("create", "client-portal") } });
    time = 12_000;
    shown.tick();
    assert.deepEqual(live, ["  12 s: 0 of 5; under way: tenant hr Secret client-portal"]);
  });

  it("knows the parts of the platform", () => {
    const server = `${tenant("hr-eu").replace(/::[^:]*$/, "")}$ollama-platform:index:OllamaServer::ollama-tenant-hr-eu-server`;
    const pool = `${stack}ollama-platform:index:OllamaPlatform$ollama-platform:index:GpuNodePool::ollama-pool-a`;
    const plan = run([
      secret("create", "client-portal", server),
      secret("create", "a", store),
      step("create", "kubernetes:karpenter.sh/v1:NodePool", "a", pool),
      secret("delete", "b", `${stack}pulumi:pulumi:Stack::ollama-platform-dev`),
    ]);
    assert.deepEqual([...plan.keys()], ["tenant hr-eu", "model store", "node pool a", "platform"]);
  });
});
