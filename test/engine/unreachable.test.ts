import { strict as assert } from "node:assert";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { closedKubeconfig } from "../support/project";
import { preview, up } from "../support/update";

describe("an unreachable cluster", () => {
  let environment: TestEnvironment;

  before("start a cluster", async () => {
    environment = await openTestEnvironment("unreachable");
  });
  after(() => environment?.close());

  const closed = (server?: string) => ({
    ...environment.stack,
    environment: { ...environment.stack.environment, KUBECONFIG: closedKubeconfig(environment.directory, server) },
  });

  it("does not hinder a preview with the policy pack", async () => {
    const result = await preview(closed());
    assert.equal(result.code, 0, result.output);
    assert.ok(result.changes.length > 20, result.output);
    assert.match(
      result.output,
      /warning: the cluster was not asked: context closed, https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });

  it("that takes connections and never answers does not hold a preview up, which says so", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    try {
      const { port } = silent.address() as AddressInfo;
      const result = await preview(closed(`http://127.0.0.1:${port}`));
      assert.equal(result.code, 0, result.output);
      assert.ok(result.changes.length > 20, result.output);
      assert.match(
        result.output,
        /warning: the cluster was not asked: context closed, http:\S+: no answer within 10 s/,
      );
    } finally {
      silent.close();
    }
  });

  it("stops an update before it begins, with a message that says so", async () => {
    const result = await up(closed(), "--skip-preview");
    assert.notEqual(result.code, 0);
    assert.match(result.output, /the cluster is unreachable: .*ECONNREFUSED/);
    assert.deepEqual(
      // The engine's own frame, the provider of its questions about outputs included.
      result.changes.filter(({ type }) => !type.startsWith("pulumi:")),
      [],
    );
  });

  it("is no obstacle to the next update once it is back", async () => {
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
    assert.equal((await up(environment.stack, "--expect-no-changes")).code, 0);
  });
});
