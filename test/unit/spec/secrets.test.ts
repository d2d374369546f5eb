import { strict as assert } from "node:assert";
import { DeclarationError } from "../../../components/spec/fault";
import { loadPlatformSpec } from "../../../components/config/load";
import { secretsOfEngine } from "../../../components/config/stack-secrets";
import { compliant, faultsIn, hrPlace, placeOf, withProject, write, type Files } from "../config/fixture";
import { stringify } from "yaml";

const ENCRYPTED = { secure: "v1:AAAA:BBBB" };

/** Faults when HR has the given Secrets and the stack file has the given values beside the platform's. */
function faultsWith(secrets: unknown, values: Record<string, unknown>) {
  const files = compliant();
  files.tenants["hr"].spec.secrets = secrets;
  return withProject(files, (root) => {
    write(root, "Pulumi.test.yaml", stackFile(files, values));
    return faultsIn(root);
  });
}

function stackFile({ config }: Files, values: Record<string, unknown>): string {
  const own = Object.entries(config).map(([key, value]) => [`ollama-platform:${key}`, value]);
  return stringify({ config: { ...Object.fromEntries(own), ...values } });
}

const database = (reference: string) => [{ name: "database", data: { password: reference } }];
const place = hrPlace("secrets[0].data.password");

describe("secrets of tenants", () => {
  it("are accepted when the stack's config has an encrypted value for each reference", () => {
    const certificate = {
      name: "tls",
      type: "kubernetes.io/tls",
      data: { "tls.crt": "certificate", "tls.key": "key" },
    };
    const values = {
      "tenant-secrets:hr.database-password": ENCRYPTED,
      "tenant-secrets:hr.certificate": ENCRYPTED,
      "tenant-secrets:hr.key": ENCRYPTED,
    };
    assert.deepEqual(faultsWith([...database("database-password"), certificate], values), []);
  });

  it("are refused without a value, and the fault says how to set it", () => {
    const [fault, ...others] = faultsWith(database("database-password"), {});
    assert.deepEqual(others, []);
    assert.equal(fault && placeOf(fault), place);
    assert.match(fault?.fix ?? "", /pulumi config set --secret tenant-secrets:hr\.database-password/);
  });

  it("are refused with a value as plain text, which is not shown", () => {
    const [fault, ...others] = faultsWith(database("database-password"), {
      "tenant-secrets:hr.database-password": "hunter2",
    });
    assert.deepEqual(others, []);
    assert.match(fault?.problem ?? "", /in plain text/);
    assert.doesNotMatch(JSON.stringify(fault), /hunter2/);
  });

  it("cannot be another tenant's: the same name under finance is no value of HR's", () => {
    const faults = faultsWith(database("database-password"), {
      "tenant-secrets:finance.database-password": ENCRYPTED,
    });
    assert.deepEqual(faults.map(placeOf), [place]);
    for (const reference of ["finance.database-password", "../finance/database-password"]) {
      const forged = faultsWith(database(reference), { "tenant-secrets:finance.database-password": ENCRYPTED });
      assert.ok(forged.length > 0, reference);
    }
  });

  it("propose the tenant's own value that a misspelt reference is close to", () => {
    const [fault] = faultsWith(database("database-pasword"), { "tenant-secrets:hr.database-password": ENCRYPTED });
    assert.match(fault?.fix ?? "", /did you mean `database-password`\?/);
  });

  it("do not show a value that was pasted in place of a reference", () => {
    const faults = faultsWith(database("Tr0ub4dor&3"), {});
    assert.ok(faults.length > 0);
    assert.doesNotMatch(new DeclarationError(faults).message, /Tr0ub4dor/);
  });

  it("report every fault at once", () => {
    const faults = faultsWith(
      [
        { name: "client-portal", data: { "a key": "one" } },
        { name: "tls", type: "kubernetes.io/tls", data: { "tls.crt": "one" } },
        { name: "tls", data: { password: "two" } },
        { name: "empty", data: {} },
      ],
      { "tenant-secrets:hr.one": ENCRYPTED },
    );
    assert.deepEqual(faults.map(placeOf).sort(), [
      hrPlace('secrets[0].data["a key"]'),
      hrPlace("secrets[0].name"),
      hrPlace("secrets[1].data"),
      hrPlace("secrets[2].data.password"),
      hrPlace("secrets[2].name"),
      hrPlace("secrets[3].data"),
    ]);
  });

  it("are known to the engine by their names alone", () => {
    const keys = ["tenant-secrets:hr.one", "tenant-secrets:hr.two", "ollama-platform:models", "other:hr.one"];
    assert.deepEqual(secretsOfEngine(keys, ["tenant-secrets:hr.one", "ollama-platform:models"]), {
      encrypted: ["hr.one"],
      clear: ["hr.two"],
    });
    const files = compliant();
    files.tenants["hr"].spec.secrets = database("one");
    const load = (encrypted: string[]) =>
      withProject(files, (root) =>
        loadPlatformSpec({ environment: "test", config: files.config, root, tenantSecrets: { encrypted, clear: [] } }),
      );
    assert.deepEqual(load(["hr.one"]).tenants.find(({ name }) => name === "hr")?.secrets, database("one"));
    assert.throws(() => load([]), /tenant-secrets:hr\.one/);
  });
});
