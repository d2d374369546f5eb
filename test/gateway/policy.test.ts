import { deepEqual, equal, ok } from "node:assert/strict";
import type { GatewayInput } from "../../components/gateway";
import { gatewayFiles, POLICY_FILE } from "../../components/gateway";
import { allowed, denied, pairForSuite, request, tenant } from "./support/decisions";
import { eventually } from "./support/gateway";
import { exchange } from "./support/http";

/** How long clients are still let in while the file cannot be read; short, so that the tests need not wait. */
const GRACE_SECONDS = 1;

const input = (changes: Partial<GatewayInput> = {}) =>
  tenant({ limits: { unreadablePolicySeconds: GRACE_SECONDS }, ...changes });

describe("gateway: the file with the policy", function () {
  this.timeout(60_000);
  const pair = pairForSuite();
  beforeEach(() => pair.gateway.update(input()));

  const policyOf = (of: GatewayInput) => gatewayFiles(of, pair.gateway.place).secrets;
  const status = async () => (await exchange(pair.gateway, request())).status;

  /** Replaces the file and waits until Envoy has counted that it does not take it. */
  async function refusedFile(files: Record<string, string>, counter: string): Promise<void> {
    const before = await pair.gateway.counter(counter);
    pair.gateway.swap(files);
    await eventually(counter, async () => (await pair.gateway.counter(counter)) > before);
  }

  const cut = () => ({ [POLICY_FILE]: (policyOf(input())[POLICY_FILE] ?? "").slice(0, -50) });
  const foreign = () => policyOf(input({ tenant: "hr", clients: [] }));

  for (const [what, files, counter] of [
    ["text that is not JSON", () => ({ [POLICY_FILE]: "{ broken" }), "rds_update_failure"],
    ["an empty file", () => ({ [POLICY_FILE]: "" }), "rds_update_"],
    ["an empty object", () => ({ [POLICY_FILE]: "{}" }), "rds_update_empty"],
    ["a policy that is cut off", cut, "rds_update_failure"],
    ["the policy of another tenant", foreign, "rds_update_rejected"],
  ] as [string, () => Record<string, string>, string][]) {
    it(`does not take ${what}: it counts, and lets nobody in after a while, until there is a good one`, async () => {
      await allowed(pair, request());
      if (counter === "rds_update_") pair.gateway.swap(files());
      else await refusedFile(files(), counter);
      await eventually("the refusal", async () => (await status()) === 503);
      const { body } = await denied(pair, request(), 503, "policy_unreadable");
      deepEqual(JSON.parse(body), { error: "the gateway's policy cannot be read" });
      equal((await exchange(pair.gateway, request({ headers: [["host", "x"]] }))).status, 401);
      equal((await fetch(`${pair.gateway.url}/healthz`)).status, 200);
      await pair.gateway.update(input({ limits: { unreadablePolicySeconds: GRACE_SECONDS, maxTokens: 7 } }));
      await eventually("the end of the refusal", async () => (await status()) === 200);
    });
  }

  it("opens nothing by the policy of another tenant, not even at the start", async () => {
    pair.gateway.swap(foreign());
    await pair.gateway.restart();
    pair.upstream.clear();
    ok((await status()) >= 400);
    deepEqual(pair.upstream.recorded, []);
  });
});
