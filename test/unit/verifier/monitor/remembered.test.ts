/** The monitor judges only what has changed, which has to give what judging everything gives. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import type { KubernetesObject } from "../../../../policy-pack/model/kubernetes";
import { withoutDerived } from "../../../../verifier/derived";
import { isLookedAt, type Resource } from "../../../../verifier/live-objects";
import type { MonitorDeclaration } from "../../../../verifier/monitor/declaration";
import { declaredCheck } from "../../../../verifier/monitor/declared-check";
import { evaluate, type Evaluation } from "../../../../verifier/monitor/evaluate";
import type { Followed } from "../../../../verifier/monitor/follow";
import { keyOf, slim } from "../../../../verifier/monitor/objects";
import { compliantObjects, settings, type Loose } from "../../policy-pack/fixture";
import { fakeApi } from "../fake-api";

type Objects = readonly KubernetesObject[];

const RUNS = 12;
const STEPS = 8;
/** One seed, so that a failure is the same every time. */
const SEED = 4711;
/** Values that a hand might write, most of them no good. */
const VALUES = [true, false, 0, 1, 1000, "*", "", "0.0.0.0/0", "tenant-finance", "1000", [], {}, [{}], ["*"], null];

const declared: Objects = compliantObjects().map(slim);
const declaration: MonitorDeclaration = {
  schemaVersion: 1,
  environment: "test",
  name: "monitor-declaration-0123456789",
  settings,
  tenants: [
    { name: "finance", namespace: "tenant-finance" },
    { name: "hr", namespace: "tenant-hr" },
  ],
  expiries: [],
  objects: [...declared],
};

/** The objects as one followed resource has them. */
function followed(objects: Objects): Followed {
  const resource: Resource = {
    group: "",
    version: "v1",
    resource: "pods",
    kind: "Pod",
    namespaced: true,
    verbs: ["list", "watch"],
    subresources: [],
  };
  assert.ok(isLookedAt(resource));
  return {
    resource,
    objects: new Map(objects.map((object) => [`${object.apiVersion} ${object.kind} ${keyOf(object)}`, object])),
    isCurrent: () => true,
    why: () => undefined,
    wasListed: () => true,
    wasAnswered: () => true,
    ask: () => Promise.resolve(),
    stop: () => undefined,
  };
}

type Compare = ReturnType<typeof declaredCheck>;
const judge = (objects: Objects, compare: Compare): Promise<Evaluation> =>
  evaluate({
    api: fakeApi(() => new Error("asked although nothing had to be asked")),
    declaration,
    compare,
    followed: [followed(objects)],
    unserved: [],
    settled: (all) => withoutDerived(all),
    today: "2030-01-01",
  });

/** One change of the cluster, by numbers that choose object, field and value. */
interface Change {
  object: number;
  field: number;
  value: number;
  kind: "write" | "remove field" | "remove object" | "put back" | "move";
}

const changes = fc.array(
  fc.record<Change>({
    object: fc.nat(),
    field: fc.nat(),
    value: fc.nat(VALUES.length - 1),
    kind: fc.constantFrom("write", "write", "write", "remove field", "remove object", "put back", "move"),
  }),
  { minLength: STEPS, maxLength: STEPS },
);

/** Every place in an object at which something can be written, but for what says which object it is. */
function placesIn(value: unknown, place: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [place];
  const inner = Object.entries(value).flatMap(([key, child]) => placesIn(child, [...place, key]));
  return place.length === 0 ? inner : [place, ...inner];
}
const IDENTITY = new Set(["apiVersion", "kind", "metadata", "metadata.name", "metadata.namespace"]);

function apply(objects: Objects, { object: which, field, value, kind }: Change): Objects {
  const index = which % objects.length;
  const chosen = objects[index];
  if (chosen === undefined) return objects;
  if (kind === "remove object") return objects.filter((one) => one !== chosen);
  if (kind === "put back") {
    const gone = declared.filter(
      (one) => !objects.some((other) => keyOf(other) === keyOf(one) && other.kind === one.kind),
    );
    return [...objects, ...gone.slice(0, 1).map((one) => slim(structuredClone(one)))];
  }
  const changed: Loose = structuredClone(chosen);
  if (kind === "move")
    changed.metadata.namespace = chosen.metadata.namespace === "tenant-hr" ? "tenant-finance" : "tenant-hr";
  else {
    const places = placesIn(changed).filter((place) => !IDENTITY.has(place.join(".")));
    const place = places[field % places.length] ?? [];
    const parent = place.slice(0, -1).reduce((part: Loose, key) => part[key], changed);
    const last = place.at(-1) ?? "";
    if (kind === "remove field") delete parent[last];
    else parent[last] = VALUES[value];
  }
  return objects.map((one) => (one === chosen ? slim(changed) : one));
}

/** Results as texts, which have no order. */
const textsOf = ({ runs }: Evaluation): string[] =>
  runs
    .flatMap(({ check, decided, results }) => [
      `${check} ${decided}`,
      ...results.map((result) => JSON.stringify(result)),
    ])
    .sort();

describe("what the monitor remembers", function () {
  this.timeout(600_000);

  it("gives what judging everything gives, after any changes", async () => {
    const found = new Set<string>();
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        const compare = declaredCheck(declaration.objects);
        let objects = declared;
        await judge(objects, compare);
        for (const change of all) {
          objects = apply(objects, change);
          const remembering = textsOf(await judge(objects, compare));
          const fresh = objects.map((object) => slim(structuredClone(object)));
          assert.deepEqual(remembering, textsOf(await judge(fresh, declaredCheck(declaration.objects))));
          for (const text of remembering) if (text.includes('"outcome":"open"')) found.add(text);
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
    // Changes that nobody notices would show nothing.
    assert.ok(found.size >= 100, `${found.size} different breaches`);
  });
});
