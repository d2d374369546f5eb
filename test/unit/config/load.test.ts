import { strict as assert } from "node:assert";
import * as path from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { loadPlatformSpec, loadStackFile } from "../../../components/config/load";
import type { YamlDocument } from "../../support/project";
import { compliant, faultsIn, load, withProject, write, type Files } from "./fixture";

const repository = path.join(__dirname, "..", "..", "..");

/** The compliant environment as the loader gives it, after a change of its files. */
const loaded = (change: (files: Files) => void = () => undefined) => {
  const files = compliant();
  change(files);
  return withProject(files, load);
};

describe("loading", () => {
  it("gives the declared values, with the tenants' names", () => {
    const { config, tenants } = compliant();
    const spec = loaded();
    assert.equal(spec.environment, "test");
    assert.deepEqual(spec.cluster, config.cluster);
    assert.deepEqual(spec.images, config.images);
    assert.deepEqual(spec.tenants[0], { name: "finance", ...tenants["finance"].spec });
  });

  it("takes `auto` for an absent value", () => {
    const spec = loaded(({ tenants }) => {
      tenants["hr"].spec.server = { cpu: "auto", memory: "auto", ephemeralStorage: "auto" };
      tenants["finance"].spec.quota = { cpu: "auto", pods: 6 };
    });
    assert.deepEqual(spec.tenants[1]?.server, {});
    assert.ok(!("quota" in (spec.tenants[1] ?? {})));
    assert.deepEqual(spec.tenants[0]?.quota, { pods: 6 });
  });

  it("takes numbers for quantities and counts", () => {
    const spec = loaded(({ config, tenants }) => {
      tenants["hr"].spec.server.cpu = 1.5;
      config.nodePools[2].limits.cpu = 64;
      config.nodePools[2].disruption = { maxUnavailableNodes: 2 };
    });
    assert.equal(spec.tenants[1]?.server?.cpu, "1.5");
    const pool = spec.nodePools?.find(({ name }) => name === "plain");
    assert.equal(pool?.limits.cpu, "64");
    assert.equal(pool?.disruption?.maxUnavailableNodes, "2");
  });

  it("gives the same from the engine's values as from the stack file", () => {
    const files = compliant();
    withProject(files, (root) => {
      const config = JSON.parse(JSON.stringify(files.config)) as Record<string, unknown>;
      assert.deepEqual(loadPlatformSpec({ environment: "test", config, root }), load(root));
    });
  });

  it("does not need the stack file when the engine gives the values", () => {
    const files = compliant();
    withProject(files, (root) => {
      const options = { environment: "other", config: files.config as Record<string, unknown>, root };
      assert.equal(loadPlatformSpec(options).tenants.length, 2);
    });
  });

  it("gives the same whatever the order of files, keys and entries", () => {
    const expected = loaded();
    const files = compliant();
    const orders = fc.record({
      tenants: fc.shuffledSubarray(Object.keys(files.tenants), { minLength: 2 }),
      pools: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      models: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(orders, ({ tenants, pools, models, seed }) => {
        const permuted: Files = {
          config: {
            ...files.config,
            nodePools: pools.map((index) => files.config.nodePools[index]),
            models: models.map((index) => files.config.models[index]),
          },
          tenants: Object.fromEntries(tenants.map((name) => [name, files.tenants[name]])),
        };
        const shuffled = {
          config: shuffleKeys(permuted.config, seed),
          tenants: shuffleKeys(permuted.tenants, seed + 1),
        };
        assert.deepEqual(withProject(shuffled, load), expected);
      }),
      { numRuns: 20 },
    );
  });

  it("reports the same faults whatever the order of files", () => {
    const spec = { models: { allow: ["gone"] }, quotas: {} };
    const names = ["a", "b", "c", "d"];
    const report = (order: string[]) =>
      withProject(compliant(), (root) => {
        for (const name of order) {
          write(
            root,
            `tenants/test/${name}.yaml`,
            stringify({ apiVersion: "x", kind: "Tenant", metadata: { name }, spec }),
          );
        }
        return faultsIn(root);
      });
    const expected = report(names);
    assert.equal(expected.length, 12);
    fc.assert(
      fc.property(fc.shuffledSubarray(names, { minLength: 4 }), (order) => assert.deepEqual(report(order), expected)),
      { numRuns: 10 },
    );
  });

  for (const stack of ["dev", "staging", "prod"]) {
    it(`accepts the example stack ${stack}`, () => {
      assert.equal(loadStackFile(path.join(repository, `Pulumi.${stack}.yaml`)).environment, stack);
    });
  }
});

/** A copy whose mappings have their keys in another order, at every depth. */
function shuffleKeys<T extends YamlDocument>(value: T, seed: number): T {
  if (Array.isArray(value)) return value.map((item) => shuffleKeys(item, seed)) as T;
  if (typeof value !== "object" || value === null) return value;
  const rank = (key: string) => [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, seed);
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffleKeys(item, seed)])) as T;
}
