import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { OllamaPlatform } from "../../../components/index";
import { makeTenantSecrets } from "../../../components/tenant-secrets";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { changed } from "../plan/fixture";
import { record, type Registration } from "./recording";

const VALUE = "the password of the database";
const FOREIGN = "a password of finance";

function spec() {
  return changed("hr", (tenant) => {
    tenant.secrets = [{ name: "database", data: { password: "database-password" } }];
  });
}

/** The part of an output that awaits its value. */
const promiseOf = (output?: pulumi.Output<unknown>) => (output as unknown as { promise(): Promise<unknown> }).promise();

describe("Secrets of tenants' own programs", () => {
  let registered: Registration[];
  before(async () => {
    const secretValues = { "hr.database-password": VALUE, "finance.database-password": FOREIGN };
    registered = await record(() => void new OllamaPlatform("ollama", { ...spec(), secretValues }));
  });

  it("are made in the tenant's namespace, labelled, with their values as the engine's secrets", () => {
    const own = registered.filter(({ name }) => name === "ollama-tenant-hr-secret-database");
    assert.equal(own.length, 1);
    const { metadata, data, type } = own[0]?.inputs as Record<string, never>;
    assert.deepEqual(metadata, {
      name: "database",
      namespace: "tenant-hr",
      labels: {
        "app.kubernetes.io/part-of": "ollama-platform",
        "app.kubernetes.io/managed-by": "pulumi",
        "app.kubernetes.io/component": "configuration",
        "ollama-platform.io/tenant": "hr",
        "ollama-platform.io/isolation-level": "shared",
      },
    });
    assert.equal(type, "Opaque");
    assert.ok(pulumi.runtime.isRpcSecret(data));
    const values = pulumi.runtime.unwrapRpcSecret(data) as Record<string, string>;
    assert.equal(Buffer.from(values["password"] ?? "", "base64").toString(), VALUE);
  });

  it("are in no other registration, and a value that nobody refers to is in none", () => {
    const holders = (text: string) =>
      registered.filter(({ inputs }) => {
        const all = JSON.stringify(inputs);
        return all.includes(text) || all.includes(Buffer.from(text).toString("base64"));
      });
    assert.deepEqual(
      holders(VALUE).map(({ name }) => name),
      ["ollama-tenant-hr-secret-database"],
    );
    assert.deepEqual(holders(FOREIGN), []);
  });

  it("are in no plan: it has the references only", () => {
    const plan = planPlatform({ ...spec(), secretValues: { "hr.database-password": VALUE } });
    assert.doesNotMatch(JSON.stringify(plan), new RegExp(VALUE));
    assert.equal(plan.tenants.find(({ tenant }) => tenant.name === "hr")?.tenant.secrets.length, 1);
    assert.ok(platformObjects(plan).every(({ kind }) => kind !== "Secret"));
  });

  it("are the same when all values come as one secret, as programs in other languages hand them in", async () => {
    const secretValues = pulumi.secret({ "hr.database-password": VALUE, "finance.database-password": FOREIGN });
    const again = await record(() => {
      new OllamaPlatform("ollama", { ...spec(), secretValues: secretValues as unknown as Record<string, string> });
    });
    const byUrn = (all: Registration[]) => new Map(all.map((one) => [one.urn, one]));
    assert.deepEqual(byUrn(again), byUrn(registered));
  });

  it("are refused when they come as one secret and a value is missing", async () => {
    const hr = planPlatform(spec()).tenants.find(({ tenant }) => tenant.name === "hr");
    assert.ok(hr);
    const values = pulumi.secret<Record<string, string>>({ "hr.other": VALUE });
    const [secret] = makeTenantSecrets(hr.tenant, values) as { data?: pulumi.Output<unknown> }[];
    const read = secret?.data?.apply((value) => value);
    await assert.rejects(
      () => promiseOf(read),
      /Secret database of tenant hr refers to hr\.database-password, which has no value/,
    );
  });

  it("are refused before anything is registered when a value is missing", async () => {
    let refused: unknown;
    const made = await record(() => {
      try {
        new OllamaPlatform("ollama", { ...spec(), secretValues: { "finance.database-password": FOREIGN } });
      } catch (error) {
        refused = error;
      }
    });
    assert.match(
      String(refused),
      /tenants\[\d\]\.secrets\[0\]\.data\.password\n +problem: refers to `hr\.database-password`, which has no value/,
    );
    assert.deepEqual(made, []);
  });
});
