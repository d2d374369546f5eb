import { strict as assert } from "node:assert";
import { loadPlatformSpec } from "../../../components/config/load";
import { DeclarationError } from "../../../components/spec/fault";
import {
  assertFault,
  assertOneFault,
  compliant,
  faultsAfter,
  faultsIn,
  placeOf,
  stackPlace,
  tenant,
  withProject,
  write,
} from "./fixture";

const spec = { models: { allow: ["mistral:7b"] } };

describe("names", () => {
  it("refuses a tenant name that is no DNS label and proposes one that is", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].metadata.name = "HR_Department"),
      "tenants/test/hr.yaml: metadata.name",
      /form/,
      /`hr-department`/,
    );
  });

  it("refuses a tenant name of 41 characters and accepts one of 40", () => {
    const rename = (length: number) =>
      faultsAfter(({ tenants }) => (tenants["t".repeat(length)] = tenant("t".repeat(length), spec)));
    assert.deepEqual(rename(40), []);
    assertOneFault(rename(41), `tenants/test/${"t".repeat(41)}.yaml: metadata.name`, /has 41 characters/);
  });

  it("refuses a file that is not named after its tenant", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].metadata.name = "people"),
      "tenants/test/hr.yaml: metadata.name",
      /not the name of the file/,
      /people\.yaml/,
    );
  });

  it("refuses a second file that claims a tenant's name", () => {
    assertFault(
      ({ tenants }) => (tenants["copy"] = tenant("hr", spec)),
      "tenants/test/copy.yaml: metadata.name",
      /^is the tenant that tenants\/test\/hr\.yaml is named after$/,
      /^name the tenant `copy`, or remove one of the two files$/,
    );
  });

  it("refuses two files of one tenant that differ in their ending only", () => {
    withProject(compliant(), (root) => {
      write(
        root,
        "tenants/test/hr.yml",
        "apiVersion: ollama-platform.io/v1\nkind: Tenant\nmetadata: { name: hr }\nspec: { models: { allow: [mistral:7b] } }\n",
      );
      assertOneFault(faultsIn(root), "tenants/test/hr.yml: metadata.name", /name of an earlier tenant/);
    });
  });

  it("refuses two node pools of one name", () => {
    assertFault(
      ({ config }) => (config.nodePools[2].name = "slices"),
      stackPlace("nodePools[2].name"),
      /earlier node pool/,
    );
  });

  it("refuses a node pool name that is no DNS label, and nothing that follows from it", () => {
    const faults = faultsAfter(({ config, tenants }) => {
      config.nodePools[0].name = "Finance GPU";
      tenants["finance"].spec.server.nodePool = "Finance GPU";
    });
    assert.deepEqual(faults.map(placeOf), [
      stackPlace("nodePools[0].name"),
      "tenants/test/finance.yaml: spec.server.nodePool",
    ]);
    for (const { fix } of faults) assert.match(fix, /`finance-gpu`/);
  });

  it("refuses a stack whose name is no DNS label", () => {
    withProject(compliant(), (root) => {
      const config = {
        models: [{ name: "llama3.1:8b" }],
        nodePools: compliant().config.nodePools,
        tenants: "tenants/test",
      };
      assert.throws(
        () => loadPlatformSpec({ environment: "Test_1", config, root }),
        (error) =>
          error instanceof DeclarationError && error.faults.some(({ problem }) => problem.includes("no DNS label")),
      );
    });
  });
});
