import assert from "node:assert/strict";
import { compliantObjects, violationsOf } from "./fixture";

describe("the compliant environment", () => {
  it("breaks no rule", () => {
    assert.deepEqual(violationsOf(compliantObjects()), []);
  });
});
