import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { GatewayInput } from "../../../components/gateway";
import {
  BOOTSTRAP_FILE,
  CONFIG_ARCHIVE,
  gatewayArchives,
  gatewayFiles,
  GatewayInputError,
  POLICY_FILE,
  PROGRAM_ARCHIVE,
} from "../../../components/gateway";
import { resolveLimits } from "../../../components/gateway/limits";
import { buffersOf } from "../../../components/gateway/memory";
import { SURFACE } from "../../../components/gateway/routes";

const hash = (key: string) => createHash("sha256").update(key).digest("hex");
const MODEL = "registry.ollama.ai/library/llama3:8b";

const input = (changes: Partial<GatewayInput> = {}): GatewayInput => ({
  tenant: "finance",
  models: [{ canonical: MODEL }],
  clients: [{ name: "reports", keySha256: [hash("a"), hash("b")], models: [MODEL], expires: "2030-01-01T00:00:00Z" }],
  ...changes,
});

interface Policy {
  resources: {
    virtual_hosts: {
      routes: {
        name: string;
        request_body_buffer_limit?: number;
        route?: { idle_timeout?: string; max_stream_duration?: object };
      }[];
      metadata: { filter_metadata: Record<string, { version: string }> };
      typed_per_filter_config: Record<string, { filter_context: Record<string, object> }>;
    }[];
  }[];
}

function policy(of: GatewayInput) {
  const document = JSON.parse(gatewayFiles(of).secrets[POLICY_FILE] ?? "") as Policy;
  const host = document.resources[0]?.virtual_hosts[0];
  return {
    routes: host?.routes ?? [],
    context: host?.typed_per_filter_config["gateway.guard"]?.filter_context ?? {},
    version: host?.metadata.filter_metadata["gateway.guard"]?.version,
  };
}

describe("gateway files", () => {
  it("are the same for the same input", () => {
    deepEqual(gatewayFiles(input()), gatewayFiles(input()));
  });

  it("keep key hashes out of the ConfigMap, and the client's name with them", () => {
    const { config, program, secrets } = gatewayFiles(input());
    const text = JSON.stringify({ config, program });
    ok(!text.includes(hash("a")) && !text.includes("reports"));
    ok(secrets[POLICY_FILE]?.includes(hash("a")));
    deepEqual(Object.keys(secrets), [POLICY_FILE]);
  });

  it("have names that a Secret and a ConfigMap allow", () => {
    const { secrets } = gatewayFiles(input());
    const names = [...Object.keys(secrets), ...Object.keys(gatewayArchives(input()))];
    for (const name of names) ok(/^[A-Za-z0-9._-]+$/.test(name), name);
  });

  it("are packed so small that hundreds of tenants have them in one state", () => {
    const archives = Object.values(gatewayArchives(input({ tls: true })));
    ok(archives.reduce((total, { length }) => total + length, 0) < 23 * 1024);
  });

  it("share their program between tenants", () => {
    const [one, other] = ["hr", "finance"].map((tenant) => gatewayArchives(input({ tenant })));
    deepEqual(one?.[PROGRAM_ARCHIVE], other?.[PROGRAM_ARCHIVE]);
    notDeepEqual(one?.[CONFIG_ARCHIVE], other?.[CONFIG_ARCHIVE]);
  });

  it("hold what the guard decides by", () => {
    deepEqual(policy(input()).context, {
      tenant: "finance",
      limits: {
        max_body: 8 * 1024 * 1024,
        max_tokens: 4096,
        max_messages: 4096,
        max_inputs: 2048,
        max_images: 32,
        max_tools: 512,
      },
      room: buffersOf(undefined, resolveLimits()).bodies,
      unreadable_s: 300,
      [`m_${MODEL}`]: {},
      [`k_${hash("a")}`]: { name: "reports", all_models: false, expires: 1893456000 },
      [`k_${hash("b")}`]: { name: "reports", all_models: false, expires: 1893456000 },
      [`g_reports ${MODEL}`]: {},
    });
  });

  it("hold budgets of the clients and of all together, and none where there are none", () => {
    const clients = [{ name: "reports", keySha256: [hash("a")], tokensPerDay: 7, modelSecondsPerMonth: 9 }];
    const { context } = policy(input({ clients, budget: { tokensPerMonth: 8 } }));
    const reports = {
      name: "reports",
      all_models: true,
      budgets: { tokensPerDay: 7, modelSecondsPerMonth: 9 },
    };
    deepEqual([context["budgets"], context[`k_${hash("a")}`]], [{ tokensPerMonth: 8 }, reports]);
    equal("budgets" in policy(input({ budget: {} })).context, false);
  });

  it("have another version of the policy exactly when it says something else", () => {
    const { version } = policy(input());
    ok(/^[0-9a-f]{64}$/.test(version ?? ""), version);
    equal(policy(input()).version, version);
    const others: Partial<GatewayInput>[] = [
      { clients: [] },
      { models: [{ canonical: MODEL, stored: MODEL.toUpperCase() }] },
      { limits: { maxTokens: 5 } },
      { budget: { tokensPerMonth: 5 } },
      { limits: { maxBodyBytes: 1234 } },
      { limits: { maxAnswerSeconds: 60 } },
      {
        clients: [
          { name: "reports", keySha256: [hash("a"), hash("b")], models: [MODEL], expires: "2030-01-02T00:00:00Z" },
        ],
      },
    ];
    const versions = others.map((changes) => policy(input(changes)).version);
    equal(new Set([version, ...versions]).size, others.length + 1);
  });

  it("change only the policy when clients, models or limits of requests change", () => {
    const before = gatewayFiles(input());
    const after = gatewayFiles(
      input({ clients: [], models: [], limits: { maxTokens: 5, maxBodyBytes: 1000, keepAlive: "1h" } }),
    );
    deepEqual(after.config, before.config);
    ok(after.secrets[POLICY_FILE] !== before.secrets[POLICY_FILE]);
  });

  it("limit the body of every route that takes one, by the longest that a client may send and what is added to it", () => {
    const limitOf = (changes: Partial<GatewayInput>) => {
      const limited = policy(input(changes)).routes.filter((route) => route.request_body_buffer_limit !== undefined);
      const taking = SURFACE.filter(({ fields }) => fields !== undefined);
      deepEqual(
        limited.map(({ name }) => name),
        taking.map(({ name }) => name),
      );
      return [...new Set(limited.map((route) => route.request_body_buffer_limit))];
    };
    const client = (maxBodyBytes: number) => ({ name: `c${maxBodyBytes}`, keySha256: [], maxBodyBytes });
    deepEqual(limitOf({ limits: { maxBodyBytes: 1234 } }), [1234 + 8192]);
    deepEqual(limitOf({ clients: [client(1000)] }), [8 * 1024 * 1024 + 8192]);
    deepEqual(limitOf({ clients: [client(1000), client(9_000_000)] }), [9_000_000 + 8192]);
    deepEqual(limitOf({ limits: { maxBodyBytes: 5000 }, clients: [client(9_000_000)] }), [5000 + 8192]);
  });

  it("bound how long an answer may be silent and may last", () => {
    const times = (limits: GatewayInput["limits"]) =>
      policy(input({ limits })).routes.flatMap(({ route }) => (route?.idle_timeout === undefined ? [] : [route]));
    const routes = SURFACE.filter(({ inference }) => inference);
    for (const [limits, idle_timeout, max_stream_duration] of [
      [{}, "900s", "3600s"],
      [{ maxSilenceSeconds: 60, maxAnswerSeconds: 7200 }, "60s", "7200s"],
    ] as const) {
      const found = times(limits);
      equal(found.length, routes.length);
      for (const route of found) {
        equal(route.idle_timeout, idle_timeout);
        deepEqual(route.max_stream_duration, { max_stream_duration });
      }
    }
  });

  it("name the tenant in the policy and in what asks for it, so that no other tenant's is taken", () => {
    const { config, secrets } = gatewayFiles(input({ tenant: "hr" }));
    ok(config[BOOTSTRAP_FILE]?.includes('"route_config_name":"gateway-hr"'));
    const document = JSON.parse(secrets[POLICY_FILE] ?? "") as { resources: { name: string }[] };
    equal(document.resources[0]?.name, "gateway-hr");
  });

  it("share the memory of the container out, so that the default limits always fit into it", () => {
    for (const maxActiveRequests of [1, 64, 1088, 5000]) {
      for (const memory of [128, 192, 256, 1024]) {
        const memoryBytes = memory * 1024 * 1024;
        const limits = { maxActiveRequests };
        const { connection, bodies, longestBody } = buffersOf(memoryBytes, resolveLimits(limits));
        const ends = (maxActiveRequests + 32) * 2;
        if (bodies > 0) ok(ends * connection + 2 * bodies < 0.8 * memoryBytes);
        ok(4 * longestBody <= bodies);
        gatewayFiles(input({ memoryBytes, limits }));
      }
    }
  });

  it("end the list of routes with one that refuses", () => {
    equal(policy(input()).routes.at(-1)?.name, "unknown");
  });

  it("contain no text that was made by hand where a tenant's name goes", () => {
    const { config } = gatewayFiles(input({ tenant: "t" }));
    equal((JSON.parse(config[BOOTSTRAP_FILE] ?? "") as { node: { cluster: string } }).node.cluster, "t");
  });
});

describe("gateway input", () => {
  it("is refused with every fault at once, each with its place and what is allowed", () => {
    const faulty = input({
      tenant: "Finance",
      models: [{ canonical: "llama3:8b" }, { canonical: MODEL }, { canonical: MODEL, stored: "other" }],
      clients: [
        { name: "a b", keySha256: ["xyz", hash("a")], requestsPerMinute: 0, expires: "tomorrow" },
        {
          name: "two",
          keySha256: [hash("a")],
          models: ["secret"],
          maxConcurrent: 1.5,
          maxBodyBytes: 1e12,
          maxTools: 0,
        },
        {
          name: "two",
          keySha256: [],
          tokensPerDay: 0,
          modelSecondsPerMonth: 1.5,
          origins: ["https://chat.example.com", "*", "https://a.example/"],
        },
      ],
      limits: { maxBodyBytes: 1e12, keepAlive: "long", maxTokens: -1 },
      budget: { tokensPerMonth: -1, modelSecondsPerDay: 7, modelSecondsPerMonth: 6 },
    });
    throws(
      () => gatewayFiles(faulty),
      (error) => {
        ok(error instanceof GatewayInputError);
        const places = error.faults.map((fault) => fault.split(" ")[0]);
        deepEqual(places.sort(), [
          ...["budget.modelSecondsPerDay", "budget.tokensPerMonth"],
          ...[
            "clients[0].expires",
            "clients[0].keySha256[0]",
            "clients[0].name",
            "clients[0].requestsPerMinute",
            "clients[1].keySha256[0]",
          ],
          ...[
            "clients[1].maxBodyBytes",
            "clients[1].maxConcurrent",
            "clients[1].maxTools",
            "clients[1].models[0]",
            "clients[2].modelSecondsPerMonth",
            "clients[2].name",
            "clients[2].origins[1]",
            "clients[2].origins[2]",
            "clients[2].tokensPerDay",
            "limits.keepAlive",
            "limits.maxBodyBytes",
            "limits.maxTokens",
          ],
          ...["models[0].canonical", "models[2].canonical", "models[2].stored", "tenant"],
        ]);
        return true;
      },
    );
  });

  it("does not repeat what could be a key", () => {
    const key = "sk-plain-text-key-0123456789";
    throws(
      () => gatewayFiles(input({ clients: [{ name: "a", keySha256: [key] }] })),
      (error) => {
        ok(error instanceof GatewayInputError && !error.message.includes(key));
        return true;
      },
    );
  });
});
