import { strict as assert } from "node:assert";
import { DeclarationError } from "../../../components/spec/fault";
import { checkNoRename } from "../../../components/config/renames";

const check = (declared: string[], deployed: string[]) => () => checkNoRename("tenants of dev", declared, deployed);

describe("tenants under a new name", () => {
  it("are refused, with the way to do it", () => {
    assert.throws(check(["finance", "people"], ["finance", "hr"]), (error: Error) => {
      assert.ok(error instanceof DeclarationError);
      assert.match(error.message, /tenants of dev\n +value: +`people` new, `hr` removed\n/);
      assert.match(
        error.message,
        /fix: +keep the file of `hr` beside that of `people` and update;.* remove the old file/,
      );
      return true;
    });
  });

  it("are not taken for what only comes, only goes, or stays", () => {
    for (const [declared, deployed] of [
      [["finance", "hr"], []],
      [
        ["finance", "hr", "legal"],
        ["finance", "hr"],
      ],
      [["finance"], ["finance", "hr"]],
      [[], ["finance", "hr"]],
      [
        ["finance", "hr"],
        ["hr", "finance"],
      ],
    ] as [string[], string[]][]) {
      assert.doesNotThrow(check(declared, deployed));
    }
  });

  it("are all named", () => {
    assert.throws(check(["a", "b"], ["c", "d"]), /`a`, `b` new, `c`, `d` removed/);
  });
});
