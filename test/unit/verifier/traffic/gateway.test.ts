import { strict as assert } from "node:assert";
import { gatewayErrands, type GatewayFacts } from "../../../../verifier/traffic/gateway";
import type { Attempt, Outcome } from "../../../../verifier/traffic/probe";
import type { Server } from "../../../../verifier/traffic/targets";
import type { Result } from "../../../../verifier/result";

const server: Server = {
  namespace: "tenant-hr",
  pod: "Pod tenant-hr/ollama-1",
  address: "10.0.0.7",
  tls: false,
  routes: [
    { name: "pod address", host: "10.0.0.7", port: 8080 },
    { name: "Service", host: "10.96.0.7", port: 11434 },
    { name: "DNS name", host: "ollama.tenant-hr.svc", port: 11434 },
  ],
  further: [],
};
const facts: GatewayFacts = {
  namespace: "tenant-hr",
  tenant: "hr",
  allowedModel: "smollm2:135m",
  deniedModel: "llama3.1:8b",
  key: "the-key-of-a-client-of-hr",
  foreignKey: "the-key-of-finance",
};

/** A gateway as it has to be. */
function gateway({ kind, port, path = "/", key, body }: Attempt): Outcome {
  if (kind === "tcp") return port === 8080 ? { met: "answered" } : { met: "refused", detail: "ECONNREFUSED" };
  const answered = (status: number): Outcome => ({ met: "answered", status });
  if (key !== "/keys/own") return answered(401);
  if (path === "/api/tags") return answered(200);
  if (path === "/api/show") return answered((body as { model: string }).model === facts.allowedModel ? 200 : 404);
  return answered(404);
}

function asked(answer: (attempt: Attempt) => Outcome, more: Partial<GatewayFacts> = {}): Map<string, Result> {
  const [errand] = gatewayErrands([{ ...facts, ...more }])([server]);
  assert.ok(errand);
  const results = errand.judge(errand.attempts.map(answer), "");
  return new Map(results.map((result) => [result.id.replace("gateway/tenant-hr/", ""), result]));
}
const open = (results: Map<string, Result>) =>
  [...results].filter(([, { outcome }]) => outcome === "open").map(([name]) => name);
const inconclusive = (results: Map<string, Result>) =>
  [...results].filter(([, { outcome }]) => outcome === "inconclusive").map(([name]) => name);

describe("a tenant's gateway under verification", () => {
  it("passes where it refuses whoever has no key, a wrong one, another tenant's, or wants more than is served", () => {
    const results = asked(gateway);
    assert.deepEqual([...open(results), ...inconclusive(results)], []);
    for (const name of [
      "no-key",
      "wrong-key",
      "foreign-key",
      "denied-model",
      "route-pull",
      "direct-port",
      "admin-port",
    ])
      assert.equal(results.get(name)?.outcome, "isolated", name);
  });

  it("is asked without any key of the cluster where none is given, and then says what is not decided", () => {
    const without = { key: undefined, foreignKey: undefined };
    const results = asked(gateway, without);
    assert.deepEqual(inconclusive(results), ["denied-model", "foreign-key"]);
    assert.match(results.get("foreign-key")?.fix ?? "", /--client-keys/);
    const [errand] = gatewayErrands([{ ...facts, ...without }])([server]);
    assert.equal(errand?.keys, undefined);
  });

  it("keeps keys out of the attempts, which stand in the pod", () => {
    const [errand] = gatewayErrands([facts])([server]);
    assert.ok(!JSON.stringify(errand?.attempts).includes(facts.key ?? ""));
    assert.ok(!JSON.stringify(errand?.attempts).includes(facts.foreignKey ?? ""));
    assert.deepEqual(errand?.keys, { own: facts.key, foreign: facts.foreignKey });
  });

  const broken: [string, (attempt: Attempt) => boolean, string][] = [
    ["lets everybody in without a key", ({ path, key }) => path === "/api/tags" && key === undefined, "no-key"],
    ["takes another tenant's key", ({ key }) => key === "/keys/foreign", "foreign-key"],
    [
      "shows a model that is denied",
      ({ path, body }) => path === "/api/show" && JSON.stringify(body).includes("llama"),
      "denied-model",
    ],
    ["passes on what manages models", ({ path }) => path === "/api/delete", "route-delete"],
  ];
  for (const [what, isLet, name] of broken)
    it(`is open where it ${what}`, () => {
      assert.deepEqual(
        open(asked((attempt) => (isLet(attempt) ? { met: "answered", status: 200 } : gateway(attempt)))),
        [name],
      );
    });

  it("is open where Ollama itself answers that a request to manage models is faulty", () => {
    const results = asked((attempt) =>
      attempt.path === "/api/pull" ? { met: "answered", status: 400 } : gateway(attempt),
    );
    assert.deepEqual(open(results), ["route-pull"]);
  });

  it("is open where Ollama's own port takes connections", () => {
    assert.deepEqual(
      open(
        asked((attempt) => (attempt.port === 11434 && attempt.kind === "tcp" ? { met: "answered" } : gateway(attempt))),
      ),
      ["direct-port"],
    );
  });

  it("decides nothing where it refuses everything", () => {
    const results = asked((attempt) =>
      attempt.kind === "tcp" ? { met: "dropped" } : { met: "answered", status: 404 },
    );
    assert.equal(results.get("denied-model")?.outcome, "inconclusive");
    assert.equal(results.get("direct-port")?.outcome, "inconclusive");
    assert.equal(results.get("route-pull")?.outcome, "inconclusive");
  });

  for (const [what, outcome] of [
    ["does not answer", { met: "dropped" }],
    ["has had too many requests", { met: "answered", status: 429 }],
    ["has an error", { met: "answered", status: 503 }],
  ] as const)
    it(`decides nothing where it ${what}`, () => {
      const results = asked(({ kind }) => (kind === "tcp" ? { met: "dropped" } : outcome));
      assert.equal([...results.values()].filter(({ outcome: verdict }) => verdict !== "inconclusive").length, 0);
    });
});
