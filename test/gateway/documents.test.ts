import { equal, ok } from "node:assert/strict";
import { document, isStrictJson, SEED, seeded } from "../unit/gateway/support/documents";
import { hasLuaJit, runLua } from "../unit/gateway/support/lua";
import type { Pair } from "./support/decisions";
import { ALLOWED, request, tenant } from "./support/decisions";
import { RunningGateway } from "./support/gateway";
import { exchange } from "./support/http";
import { startUpstream } from "./support/upstream";

const OFFLINE = 1_000_000;
const BATCH = 50_000;
const THROUGH_ENVOY = 3_000;

/** The model that Go's decoder would take from a body: keys without case, the last one wins, null changes nothing. */
function modelForOllama(body: string): unknown {
  const members = Object.entries(JSON.parse(body) as Record<string, unknown>);
  const models = members.filter(
    ([key, value]) => key.toLowerCase().replaceAll("\u017f", "s") === "model" && value !== null,
  );
  return models.at(-1)?.[1];
}

describe(`gateway: generated documents, seed ${SEED}`, function () {
  this.timeout(900_000);

  it(`agrees with another reader about ${OFFLINE} documents`, function () {
    if (!hasLuaJit) this.skip();
    const random = seeded(SEED);
    let accepted = 0;
    for (let done = 0; done < OFFLINE; done += BATCH) {
      const documents = Array.from({ length: BATCH }, () => document(random));
      runLua("json", documents).forEach((verdict, index) => {
        const bytes = documents[index] ?? Buffer.alloc(0);
        // The message is made only for a difference: it would take longer than the comparison.
        if ((verdict === "ok") !== isStrictJson(bytes)) equal(verdict, "the opposite", bytes.toString("latin1"));
        if (verdict === "ok") accepted += 1;
      });
    }
    ok(accepted > OFFLINE / 5);
  });

  it(`forwards only bodies whose model is the authorised one, of ${THROUGH_ENVOY} through Envoy`, async () => {
    const upstream = await startUpstream();
    const pair: Pair = { upstream, gateway: await RunningGateway.start(tenant(), upstream.port) };
    const random = seeded(SEED + 1);
    let forwarded = 0;
    try {
      for (let count = 0; count < THROUGH_ENVOY; count += 1) {
        upstream.clear();
        const body = document(random);
        const reply = await exchange(
          pair.gateway,
          request({ target: count % 2 ? "/api/embed" : "/v1/embeddings", body }),
        );
        const arrived = upstream.recorded[0];
        equal(upstream.recorded.length, reply.status === 200 ? 1 : 0, body.toString("latin1"));
        if (arrived === undefined) continue;
        forwarded += 1;
        ok(isStrictJson(body) && isStrictJson(Buffer.from(arrived.body)), body.toString("latin1"));
        equal(modelForOllama(arrived.body), ALLOWED, body.toString("latin1"));
      }
      ok(forwarded > THROUGH_ENVOY / 50, String(forwarded));
      ok(!pair.gateway.errors.includes("guard failed"), pair.gateway.errors.slice(-500));
    } finally {
      await pair.gateway.stop();
      await upstream.stop();
    }
  });
});
