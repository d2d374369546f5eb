import assert from "node:assert/strict";
import { checkDeployer } from "../../../components/config/deployer";
import { DeclarationError } from "../../../components/spec/fault";
import { type GuardSpec, GuardMode } from "../../../components/spec/guard";

const guard: GuardSpec = { deployers: ["oidc:platform-prod"] };
const check = (declared: GuardSpec | undefined, user: string | undefined) => () =>
  checkDeployer("Pulumi.prod.yaml", declared, user);

describe("who deploys", () => {
  it("has to be one of those whom the guard lets through", () => {
    assert.throws(check(guard, "ada"), (error: unknown) => {
      assert.ok(error instanceof DeclarationError);
      const [fault] = error.faults;
      assert.equal(`${fault?.file} ${fault?.path}`, "Pulumi.prod.yaml cluster.guard.deployers");
      assert.match(fault?.problem ?? "", /"ada"/);
      return true;
    });
    assert.doesNotThrow(check(guard, "oidc:platform-prod"));
  });

  it("is nobody's business where nothing is refused, or where the cluster does not say", () => {
    assert.doesNotThrow(check(undefined, "ada"));
    assert.doesNotThrow(check({ ...guard, mode: GuardMode.warn }, "ada"));
    assert.doesNotThrow(check(guard, undefined));
  });
});
