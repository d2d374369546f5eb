import assert from "node:assert/strict";
import { isNew } from "../../../components/guard-in-force";
import { OllamaPlatform } from "../../../components/index";
import { platform } from "../plan/fixture";
import { record, type Registration } from "./recording";

const spec = { ...platform(), cluster: { guard: { deployers: ["deployer"] } } };
const isGuards = ({ type }: Registration): boolean => type.includes(":ValidatingAdmissionPolic");
const namespaces = (all: Registration[]): string[] =>
  all.filter(({ type }) => type === "kubernetes:core/v1:Namespace").map(({ name }) => name);

describe("A guard that is deployed", () => {
  it("is asked for its version after all of it is there, and before anything of a tenant is", async () => {
    const asked: string[] = [];
    let known: number | undefined;
    const all: Registration[] = await record((soFar) => {
      new OllamaPlatform("ollama", spec, {
        guardProbe: async (version) => {
          asked.push(version);
          // What could be registered without waiting has been by then.
          await new Promise((resolve) => setTimeout(resolve, 50));
          known = soFar.filter(isGuards).length;
          assert.deepEqual(namespaces(soFar), []);
        },
      });
    });
    assert.equal(asked.length, 1);
    assert.match(asked[0] ?? "", /^[0-9a-f]{12}$/);
    assert.equal(known, all.filter(isGuards).length);
    assert.ok(namespaces(all).length > 1);
  });

  it("is made in an order in which what says that it is in force comes last", async () => {
    const all = (await record(() => void new OllamaPlatform("ollama", spec))).filter(isGuards);
    const says = all.filter(({ name }) => name.endsWith("-ollama-platform-in-force"));
    assert.deepEqual(
      says.map(({ type }) => type.split(":").pop()),
      ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
    );
    const bindings = all.filter(({ type, name }) => type.endsWith("Binding") && !name.endsWith("in-force"));
    for (const { urn } of bindings) assert.ok(says[0]?.dependencies.includes(urn), urn);
    assert.ok(says[1]?.dependencies.includes(says[0]?.urn ?? ""));
  });

  it("is new for a minute and a moment, whichever clock is ahead", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    assert.equal(isNew("2026-01-01T00:00:00Z", now), true);
    assert.equal(isNew("2025-12-31T23:59:00Z", now), true);
    assert.equal(isNew("2026-01-01T00:10:00Z", now), true);
    assert.equal(isNew("2025-12-31T23:58:50Z", now), false);
    assert.equal(isNew(undefined, now), false);
  });

  it("is not asked about in a preview", async () => {
    const asked = () => Promise.reject(new Error("asked"));
    const all = await record(() => void new OllamaPlatform("ollama", spec, { guardProbe: asked }), true);
    assert.ok(namespaces(all).length > 1);
  });
});
