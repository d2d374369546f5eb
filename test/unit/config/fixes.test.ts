import { strict as assert } from "node:assert";
import type { LocatedFault } from "../../../components/spec/fault";
import { compliant, faultsIn, hrPlace, placeOf, withProject, write } from "./fixture";

const head = "apiVersion: ollama-platform.io/v1\nkind: Tenant\nmetadata: { name: hr }\nspec:\n";
const models = "  models: { allow: [mistral:7b] }\n";

/** Faults of the compliant environment when HR's file has a line with a value. */
function faultsOf(line: string, value: string): readonly LocatedFault[] {
  const text = line.replace("VALUE", value);
  return withProject(compliant(), (root) => {
    write(root, "tenants/test/hr.yaml", `${head}${text.startsWith("  models") ? "" : models}${text}\n`);
    return faultsIn(root);
  });
}

/** What a fix tells people to write in the place of the value, as YAML. */
function proposals(fix: string, value: string): string[] {
  if (/put the value in quotes/.test(fix)) return [JSON.stringify(value)];
  if (/number without quotes/.test(fix)) return [value.slice(1, -1)];
  const quoted = [...fix.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);
  const plain = /^write ([^`]*)$/.exec(fix)?.[1]?.split(" or ") ?? [];
  return [...quoted, ...plain.filter((text) => /^("[^"]*"|[-+.\d]+)$/.test(text))].filter(
    (text) => text !== "key: value",
  );
}

/** What a value is refused for because of the models and the node pools, which no fix of its form can know. */
const restsOnMore = /largest model needs|no node pool is named/;

/** Lines with a value of each type, and values that are refused in some of them. */
const lines: [line: string, path: string][] = [
  ["  displayName: VALUE", "displayName"],
  ["  isolationLevel: VALUE", "isolationLevel"],
  ["  suspended: VALUE", "suspended"],
  ["  server: { cpu: VALUE }", "server.cpu"],
  ["  server: { memory: VALUE }", "server.memory"],
  ["  server: { parallelRequests: VALUE }", "server.parallelRequests"],
  ["  server: { keepAlive: VALUE }", "server.keepAlive"],
  ["  autoscaling: { minReplicas: VALUE }", "autoscaling.minReplicas"],
  ["  quota: { pods: VALUE }", "quota.pods"],
  ["  access: { viewers: VALUE }", "access.viewers"],
  ["  models: { allow: VALUE }", "models.allow"],
  ["  server: VALUE", "server"],
];
const values = [
  ".inf",
  "1_000",
  "010",
  "1e400",
  "2027-01-31",
  "true",
  "yes",
  "~",
  '""',
  '"true"',
  '"1"',
  '"1.5"',
  '"x y"',
  "-1",
  "1.5",
  "[1]",
  "{ a: 1 }",
];

describe("fixes", function () {
  this.timeout(60_000);

  for (const [line, path] of lines) {
    it(`of ${path} propose nothing that is refused there`, () => {
      for (const value of values) {
        for (const fault of faultsOf(line, value)) {
          assert.ok(
            fault.fix !== "" && !/undefined|NaN/.test(`${fault.problem} ${fault.fix}`),
            `${value}: ${fault.fix}`,
          );
          if (placeOf(fault) !== hrPlace(path)) continue;
          for (const proposal of proposals(fault.fix, value)) {
            const same = faultsOf(line, proposal).filter(
              (again) => placeOf(again) === hrPlace(path) && !restsOnMore.test(again.problem),
            );
            assert.deepEqual(
              same.map(({ problem }) => problem),
              [],
              `${path}: ${value}: ${fault.fix}`,
            );
          }
        }
      }
    });
  }

  it("say to quote a value only when it is allowed in quotes", () => {
    const fixOf = (line: string, value: string) => faultsOf(line, value)[0]?.fix ?? "";
    assert.equal(fixOf("  displayName: VALUE", "5"), "put the value in quotes");
    assert.doesNotMatch(fixOf("  server: { memory: VALUE }", "true"), /quotes/);
    assert.doesNotMatch(fixOf("  server: { gpus: VALUE }", '"1.5"'), /without quotes/);
    assert.equal(fixOf("  suspended: VALUE", "yes"), "write `true` without quotes");
    assert.equal(fixOf("  suspended: VALUE", "Off"), "write `false` without quotes");
  });
});
