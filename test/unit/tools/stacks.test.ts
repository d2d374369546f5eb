import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { APPLIED_PART } from "../../../components/stack-parts";
import { readStackArgument } from "../../../tools/commands/stack-argument";
import { stackNames } from "../../../tools/local/state";
import { movesOf } from "../../../tools/stacks/move";
import {
  changedParts,
  isApplied,
  misplacedTenants,
  onlyTells,
  type SavedPart,
  tenantsOf,
} from "../../../tools/stacks/saved";
import { doSeveral, stacksAtOnce } from "../../../tools/stacks/several";
import { temporaryFolder } from "./temporary-folder";

const urn = (stack: string, type: string, name: string) => `urn:pulumi:${stack}::ollama-platform::${type}::${name}`;

/** The state of a stack after an update of which `begun` and `ended` are the digests, with some tenants. */
function saved(stack: string, { begun = "d", ended = "d", tenants = [] as string[], pending = 0 } = {}): SavedPart {
  const platform = "ollama-platform:index:OllamaPlatform";
  const resources = [
    { urn: urn(stack, platform, "ollama"), type: platform, inputs: { part: begun } },
    ...tenants.map((name) => {
      const type = "ollama-platform:index:Tenant";
      return { urn: urn(stack, `${platform}$${type}`, `ollama-tenant-${name}`), type, inputs: {} };
    }),
    ...(ended === ""
      ? []
      : [{ urn: urn(stack, APPLIED_PART, "a"), type: APPLIED_PART, inputs: { part: ended, objects: "o" } }]),
  ];
  return { stack, resources, pending };
}

describe("what is saved of a stack", () => {
  it("is what is declared when the last update began with it, ended with it, and nothing is under way", () => {
    assert.ok(isApplied(saved("a"), { digest: "d" }));
    assert.equal(isApplied(saved("a"), { digest: "other" }), false);
  });

  it("is not what is declared in the middle of an update, back to it too, or of a destruction", () => {
    assert.equal(isApplied(saved("a", { begun: "other" }), { digest: "d" }), false);
    assert.equal(isApplied(saved("a", { ended: "other" }), { digest: "d" }), false);
    assert.equal(isApplied(saved("a", { ended: "" }), { digest: "d" }), false);
    assert.equal(isApplied(saved("a", { pending: 1 }), { digest: "d" }), false);
    assert.equal(isApplied({ stack: "a", resources: [], pending: 0 }, { digest: "d" }), false);
  });

  it("lacks nothing but outputs when its objects are what is declared and the last update was complete", () => {
    assert.ok(onlyTells(saved("a"), { objects: "o" }));
    assert.equal(onlyTells(saved("a"), { objects: "others" }), false);
    for (const broken of [saved("a", { begun: "other" }), saved("a", { ended: "" }), saved("a", { pending: 1 })])
      assert.equal(onlyTells(broken, { objects: "o" }), false);
    assert.equal(onlyTells({ stack: "a", resources: [], pending: 0 }, { objects: "o" }), false);
  });

  it("tells whose tenants it holds, whoever named a resource like one", () => {
    const state = saved("a", { tenants: ["finance", "hr-2"] });
    const lookalike = { urn: urn("a", "kubernetes:core/v1:ConfigMap", "ollama-tenant-legal"), type: "x" };
    assert.deepEqual(tenantsOf({ ...state, resources: [...state.resources, lookalike] }), ["finance", "hr-2"]);
  });
});

describe("the stacks of a project in a folder", () => {
  const folder = temporaryFolder();

  it("are named without an engine, whatever the form of their states", () => {
    const stacks = path.join(folder(), ".pulumi", "stacks", "shop");
    mkdirSync(stacks, { recursive: true });
    for (const name of ["prod.json", "prod-2.json.zst", "prod-2.json.zst.bak", "prod-1.json.gz", "old.json.attrs"])
      writeFileSync(path.join(stacks, name), "");
    assert.deepEqual(stackNames(folder(), "shop"), ["prod", "prod-1", "prod-2"]);
    assert.equal(stackNames(folder(), "other"), undefined);
  });
});

describe("tenants in the wrong stack", () => {
  const stackOf = { finance: "b", hr: "b", legal: "a" };

  it("are found, with those that a broken move has left in both, and moved together", () => {
    const states = [saved("a", { tenants: ["finance", "hr", "legal", "gone"] }), saved("b", { tenants: ["hr"] })];
    const misplaced = misplacedTenants(stackOf, states);
    assert.deepEqual(misplaced, [
      { tenant: "finance", from: "a", to: "b", isThere: false },
      { tenant: "hr", from: "a", to: "b", isThere: true },
    ]);
    assert.deepEqual(movesOf([...misplaced, { tenant: "it", from: "a", to: "b", isThere: false }]), [
      { from: "a", to: "b", isThere: false, tenants: ["finance", "it"] },
      { from: "a", to: "b", isThere: true, tenants: ["hr"] },
    ]);
  });
});

describe("stacks that an update is about", () => {
  const part = (stack: string) => ({
    stack: { name: stack, project: "", configFile: "", environment: {} },
    part: { stack, hasPlatform: false, tenants: [], objects: "", digest: "d" },
  });
  const parts = [part("a"), part("b"), part("new")];
  const states = [saved("a"), saved("b", { ended: "other" })];
  const names = (wantsAll: boolean) => changedParts(parts, states, wantsAll).map(({ stack }) => stack.name);

  it("are those whose part has changed or was never there, and all when what is there is asked", () => {
    assert.deepEqual(names(false), ["b", "new"]);
    assert.deepEqual(names(true), ["a", "b", "new"]);
  });
});

describe("work on several stacks", () => {
  const several = (items: readonly number[], atOnce: number, isGood: (item: number) => boolean) => {
    const begun: number[] = [];
    const told: string[] = [];
    let most = 0;
    let now = 0;
    const done = doSeveral({
      items,
      nameOf: String,
      work: async (item) => {
        begun.push(item);
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
        return item;
      },
      isGood,
      onDone: (item, count) => void told.push(`${count}: ${item}`),
      live: () => undefined,
      atOnce,
    });
    return done.then((results) => ({ begun, told, most, results }));
  };

  it("is begun in their order, so many at once, and told as each ends", async () => {
    const { begun, told, most } = await several([1, 2, 3, 4, 5], 2, () => true);
    assert.deepEqual(begun, [1, 2, 3, 4, 5]);
    assert.equal(most, 2);
    assert.equal(told.length, 5);
  });

  it("begins nothing after a failure, and lets what is under way end", async () => {
    const { begun, results } = await several([1, 2, 3, 4, 5], 2, (item) => item !== 1);
    assert.deepEqual(begun, [1, 2]);
    assert.deepEqual(results, [1, 2]);
  });

  it("is done for a few at once on a small machine, and never for more than eight", () => {
    assert.deepEqual([1, 2, 6, 64].map(stacksAtOnce), [3, 3, 6, 8]);
  });
});

describe("the stack that is typed after a command", () => {
  it("is the local cluster's by default, and everything else is the engine's", () => {
    assert.deepEqual(readStackArgument(["--diff"]), { stack: "dev", args: ["--diff"] });
    assert.deepEqual(readStackArgument(["--yes", "--stack", "prod", "--refresh"]), {
      stack: "prod",
      args: ["--yes", "--refresh"],
    });
    assert.equal(readStackArgument(["--stack=prod"]).stack, "prod");
    assert.equal(readStackArgument(["-s", "prod"]).stack, "prod");
  });

  it("has to be there after the option", () => {
    assert.throws(() => readStackArgument(["--stack"]), /--stack: the name of a stack has to follow it/);
    assert.throws(() => readStackArgument(["--stack", "--yes"]), /has to follow it/);
  });
});
