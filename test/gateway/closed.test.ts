import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { BOOTSTRAP_FILE, gatewayFiles, POLICY_FILE } from "../../components/gateway";
import { guardModules, guardProgram } from "../../components/gateway/files";
import { GUARD_FILE } from "../../components/gateway/placement";
import type { Pair } from "./support/decisions";
import { allowed, refused, request, tenant } from "./support/decisions";
import { eventually, RunningGateway } from "./support/gateway";
import { exchange } from "./support/http";
import type { Upstream } from "./support/upstream";
import { startUpstream } from "./support/upstream";

describe("gateway: what happens when a part of it fails", function () {
  this.timeout(60_000);
  let upstream: Upstream;

  before(async () => {
    upstream = await startUpstream();
  });
  after(() => upstream.stop());

  async function broken(
    change: (files: Record<string, string>) => void,
    check: (pair: Pair) => Promise<void>,
  ): Promise<void> {
    const gateway = await RunningGateway.start(tenant(), upstream.port, change);
    try {
      await check({ gateway, upstream });
    } finally {
      await gateway.stop();
    }
  }

  /** Changes the code of a module of the guard. */
  const replaced = (file: string, from: string, to: string) => (files: Record<string, string>) => {
    const before = guardModules()[file] ?? "";
    ok(before.includes(from), `${file} has no ${from}`);
    files[GUARD_FILE] = guardProgram({ ...guardModules(), [file]: before.replace(from, to) });
  };

  const closes = async (pair: Pair) => {
    const reply = await refused(pair, request());
    deepEqual([reply.status, reply.body.trim()], [403, '{"error":"forbidden"}']);
  };

  it("lets the same request through when nothing is changed", () =>
    broken(
      () => undefined,
      async (pair) => void (await allowed(pair, request())),
    ));

  it("refuses when the guard ends with an error that it does not catch", () =>
    broken(replaced("main.lua", "guard.on_request, ", 'function() error("deliberate") end, '), closes));

  it("refuses when the guard does nothing", () =>
    broken(replaced("main.lua", "guard.on_request, ", "function() end, "), closes));

  it("refuses when the guard has no hook for requests", () =>
    broken(replaced("main.lua", "guard.on_request, ", "nil, "), closes));

  it("refuses when the guard is taken out of the filters", () =>
    broken((files) => {
      const bootstrap = JSON.parse(files[BOOTSTRAP_FILE] ?? "");
      const manager = bootstrap.static_resources.listeners[0].filter_chains[0].filters[0].typed_config;
      manager.http_filters = manager.http_filters.filter((filter: { name: string }) => filter.name !== "gateway.guard");
      files[BOOTSTRAP_FILE] = JSON.stringify(bootstrap);
    }, closes));

  for (const [where, file, line] of [
    ["before the decision", "guard.lua", "local spec = routes[route]\n  local rules"],
    ["while the body is judged", "rewrite.lua", "json.visit(state.text, visitor, state)"],
    ["after the body is judged", "guard.lua", "buffer:setBytes(state.body)"],
  ] as [string, string, string][]) {
    it(`answers 500 and forwards nothing after an error ${where}`, () =>
      broken(replaced(file, line, `error("deliberate") ${line}`), async (pair) => {
        pair.upstream.clear();
        const reply = await exchange(pair.gateway, request());
        deepEqual([reply.status, reply.body, pair.upstream.recorded], [500, '{"error":"internal error"}', []]);
        const line = await pair.gateway.auditOf(reply.headers["x-request-id"] ?? "");
        deepEqual([line["decision"], line["rule"]], ["deny", "internal_error"]);
      }));
  }

  it("answers 500 and forwards nothing when the policy has no version", () =>
    broken(
      () => undefined,
      async (pair) => {
        await allowed(pair, request());
        const { secrets } = gatewayFiles(tenant(), pair.gateway.place);
        const policy = JSON.parse(secrets[POLICY_FILE] ?? "");
        delete policy.resources[0].virtual_hosts[0].metadata;
        pair.gateway.swap({ [POLICY_FILE]: JSON.stringify(policy) });
        await eventually("the refusal", async () => (await exchange(pair.gateway, request())).status === 500);
        pair.upstream.clear();
        const reply = await exchange(pair.gateway, request());
        deepEqual([reply.status, reply.body, pair.upstream.recorded], [500, '{"error":"internal error"}', []]);
      },
    ));

  it("reads a policy once in each version, however many requests it judges", () =>
    broken(
      replaced(
        "policy.lua",
        "for key, value in pairs(h:filterContext()) do",
        'if policy.version then error("read again") end\n  for key, value in pairs(h:filterContext()) do',
      ),
      async (pair) => {
        await allowed(pair, request());
        await allowed(pair, request());
        await pair.gateway.update(tenant({ limits: { maxTokens: 5 } }));
        equal((await exchange(pair.gateway, request())).status, 500);
      },
    ));

  it("passes the answer on, uncounted, after an error while tokens are counted", () =>
    broken(
      replaced("usage.lua", "function M.append(tail, chunk)", 'function M.append(tail, chunk) error("deliberate")'),
      async (pair) => {
        const { reply, line } = await allowed(pair, request());
        ok(reply.body.includes("eval_count"));
        equal(line["prompt_tokens"], null);
      },
    ));

  it("does not start with code that cannot be loaded", () =>
    rejects(
      broken(replaced("guard.lua", "local M = {}", "local M = {"), async () => undefined),
      /Envoy ended/,
    ));

  it("answers 503 in the API's shape when the server is gone, and its health with it", async () => {
    const gone = await startUpstream();
    await gone.stop();
    const gateway = await RunningGateway.start(tenant(), gone.port);
    try {
      const shape = async (target: string) => exchange(gateway, request({ target }));
      deepEqual(JSON.parse((await shape("/api/chat")).body), { error: "the model server is not available" });
      const { status, body } = await shape("/v1/messages");
      equal(status, 503);
      equal((JSON.parse(body) as { error: { type: string } }).error.type, "api_error");
      equal((await fetch(`${gateway.url}/healthz`)).status, 503);
      equal((await exchange(gateway, request({ method: "GET", target: "/api/tags", body: undefined }))).status, 502);
    } finally {
      await gateway.stop();
    }
  });

  it("keeps Envoy's administration closed but for readiness, metrics and draining", () =>
    broken(
      () => undefined,
      async ({ gateway }) => {
        const status = async (port: number, path: string, method = "GET") =>
          (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
        const { adminPort, metricsPort } = gateway.place;
        for (const path of ["/config_dump", "/stats", "/clusters", "/listeners", "/certs", "/logging", "/"]) {
          ok((await status(adminPort, path)) >= 400, path);
          equal(await status(metricsPort, path), 404);
        }
        for (const path of ["/quitquitquit", "/healthcheck/fail", "/drain_listeners", "/stats/prometheus"]) {
          equal(await status(metricsPort, path, "POST"), 404);
        }
        equal(await status(adminPort, "/quitquitquit", "POST"), 403);
        equal(await status(metricsPort, "/drain_listeners"), 404);
        equal(await status(metricsPort, "/ready"), 200);
        equal(await status(metricsPort, "/stats/prometheus"), 200);
      },
    ));
});
