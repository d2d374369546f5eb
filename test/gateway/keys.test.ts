import { equal } from "node:assert/strict";
import { ALICE, allowed, denied, pairForSuite, request } from "./support/decisions";
import { hashOf } from "./support/gateway";

describe("gateway: keys and where they stand", function () {
  this.timeout(60_000);
  const pair = pairForSuite();

  const withHeaders = (...headers: [string, string][]) => request({ headers: [["host", "gateway"], ...headers] });
  const withKeyAnd = (...headers: [string, string][]) => request({ headers: [...request().headers, ...headers] });

  it("takes the key as a bearer token or as x-api-key", async () => {
    await allowed(pair, withHeaders(["x-api-key", ALICE]));
    await allowed(pair, withHeaders(["authorization", `bearer ${ALICE}`]));
    await allowed(pair, withHeaders(["AUTHORIZATION", `Bearer  ${ALICE}`]));
    await allowed(pair, withKeyAnd(["x-api-key", ALICE]));
  });

  it("takes an empty header for none, which libraries send for a variable that is not set", async () => {
    await allowed(pair, withKeyAnd(["x-api-key", ""]));
    await allowed(pair, withHeaders(["x-api-key", ALICE], ["authorization", ""]));
  });

  for (const [what, headers, rule] of [
    ["no key", [], "key_missing"],
    ["an unknown key", [["authorization", "Bearer unknown-0123456789abcdefghij"]], "key_unknown"],
    ["the key's hash", [["authorization", `Bearer ${hashOf(ALICE)}`]], "key_unknown"],
    ["the key in other letters", [["authorization", `Bearer ${ALICE.toUpperCase()}`]], "key_unknown"],
    ["a short key", [["authorization", "Bearer abc"]], "key_invalid"],
    ["a key that is too long", [["authorization", `Bearer ${"a".repeat(129)}`]], "key_invalid"],
    ["basic authentication", [["authorization", `Basic ${ALICE}`]], "key_invalid"],
    [
      "two keys that differ",
      [
        ["authorization", `Bearer ${ALICE}`],
        ["x-api-key", "other-0123456789abcdefghijkl"],
      ],
      "key_invalid",
    ],
    [
      "two authorization headers",
      [
        ["authorization", `Bearer ${ALICE}`],
        ["authorization", `Bearer ${ALICE}`],
      ],
      "key_invalid",
    ],
    [
      "two x-api-key headers",
      [
        ["x-api-key", ALICE],
        ["x-api-key", ALICE],
      ],
      "key_invalid",
    ],
    ["a key with a blank", [["authorization", `Bearer ${ALICE} x`]], "key_invalid"],
    ["an empty header", [["authorization", ""]], "key_missing"],
    [
      "two empty headers",
      [
        ["authorization", ""],
        ["x-api-key", ""],
      ],
      "key_missing",
    ],
    [
      "an empty header beside one that is a key of nobody",
      [
        ["authorization", ""],
        ["x-api-key", "other-0123456789abcdefghijkl"],
      ],
      "key_unknown",
    ],
    [
      "one header twice, once empty",
      [
        ["x-api-key", ""],
        ["x-api-key", ALICE],
      ],
      "key_invalid",
    ],
    ["the key in a cookie", [["cookie", `authorization=${ALICE}`]], "key_missing"],
    ["the key under a name with an underscore", [["x_api_key", ALICE]], "key_missing"],
    ["the key for the proxy", [["proxy-authorization", `Bearer ${ALICE}`]], "key_missing"],
  ] as [string, [string, string][], string][]) {
    it(`refuses ${what}`, async () => {
      const reply = await denied(pair, withHeaders(...headers), 401, rule);
      equal(reply.headers["www-authenticate"], "Bearer");
    });
  }

  it("refuses a key in the query", async () => {
    await denied(pair, { ...withHeaders(), target: `/api/chat?api_key=${ALICE}` }, 401, "key_missing");
  });
});
