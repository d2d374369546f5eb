import { strict as assert } from "node:assert";
import { DeclarationError, formatFaults } from "../../../components/spec/fault";
import { loadPlatformSpec } from "../../../components/config/load";
import { showValue } from "../../../components/spec/show-value";
import { assertOneFault, compliant, faultsAfter, faultsIn, placeOf, stackPlace, withProject, write } from "./fixture";

/** Made up for these tests; each has the form of a real kind of key. */
const secrets = {
  "a mixed key": "q7Rt2LmX9vBn4KpWz8YcE3Hd",
  "a GitHub token": "ghp_abcdefghijklmnopqrst",
  "an AWS key": "AKIAABCDEFGHIJKLMNOP",
  "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
  "a private key": "-----BEGIN PRIVATE KEY-----",
  "a URL with password": "https://user:hunter2@registry.example.com/x",
  "a hexadecimal key": "0123456789abcdef0123456789abcdef",
};

describe("secrets in the wrong place", () => {
  for (const [what, secret] of Object.entries(secrets)) {
    it(`${what} is not shown, wherever it was pasted`, () => {
      const faults = faultsAfter(({ config, tenants }) => {
        config.images.ollama = secret;
        config.nodePools[2].nodeClass = `${secret} x`;
        config.models[0].digest = secret;
        config.models[1].quantization = secret;
        tenants["finance"].spec.network.ingressFrom[0].podLabels = { [secret]: [] };
        tenants["hr"].spec.displayName = [secret];
        tenants["hr"].spec.server = { memory: secret, keepAlive: secret, nodePool: secret };
        tenants["hr"].spec.models.allow = [`${secret}@`];
        tenants["hr"].spec.network = { egressTo: [{ cidr: secret, ports: [{ port: 443 }] }] };
      });
      assert.ok(faults.length >= 7);
      const message = formatFaults(faults).toLowerCase();
      assert.ok(!message.includes(secret.toLowerCase()), message);
      assert.ok(!message.includes("hunter2"), message);
    });
  }

  it("a value under a key that speaks of a secret is not shown", () => {
    assert.doesNotMatch(showValue("hunter2", ["spec", "adminPassword"]), /hunter2/);
  });

  it("ordinary values are shown (control)", () => {
    for (const value of [
      "llama3.1:8b",
      "registry.example.com/team/Qwen2.5-Coder-32B-Instruct-GGUF:Q4_K_M",
      `sha256:${"0123456789abcdef".repeat(4)}`,
      "169.254.169.254/32",
    ]) {
      assert.ok(showValue(value, ["x"]).includes(value.slice(0, 70)), value);
    }
  });

  it("long values are shortened, and mappings shown by their kind only", () => {
    assert.ok(showValue("x ".repeat(500), ["x"]).length < 100);
    assert.equal(showValue({ a: "hunter2" }, ["x"]), "a mapping");
    assert.equal(showValue(["hunter2"], ["x"]), "a list of 1");
  });
});

describe("encrypted configuration of the platform", () => {
  it("is refused in the stack file, without complaint of what is then missing", () => {
    const files = compliant();
    files.config.images = { secure: "v1:abc:def" };
    withProject(files, (root) =>
      assertOneFault(
        faultsIn(root),
        "Pulumi.test.yaml: config.ollama-platform:images",
        /is a secret/,
        /pulumi config rm/,
      ),
    );
  });

  it("is refused when the engine says so, and the decrypted value is not shown", () => {
    const files = compliant();
    withProject(files, (root) => {
      const config = { ...files.config, images: { ollama: "hunter2" } } as Record<string, unknown>;
      assert.throws(
        () => loadPlatformSpec({ environment: "test", config, root, secretKeys: ["images"] }),
        (error) =>
          error instanceof DeclarationError &&
          error.faults.length === 1 &&
          /is a secret/.test(error.message) &&
          !/hunter2/.test(error.message),
      );
    });
  });

  it("is named by its leaf in the stack file, however deep, and each of several", () => {
    const files = compliant();
    files.config.nodePools[0].requirements[0].values = ["l4-4", { secure: "v1:abc:def" }];
    files.config.images.ollama = { secure: "v1:abc:def" };
    withProject(files, (root) => {
      const faults = faultsIn(root);
      assert.deepEqual(faults.map(placeOf), [
        stackPlace("images.ollama"),
        stackPlace("nodePools[0].requirements[0].values[1]"),
      ]);
      assert.match(faults[0]?.fix ?? "", /`pulumi config rm --path 'ollama-platform:images\.ollama'`/);
      assert.match(faults[0]?.allowed ?? "", /tenant-secrets:<tenant>\.<name>/);
    });
  });

  it("is named by its leaf when the engine gives the values, which know only the whole key", () => {
    const files = compliant();
    const written = compliant();
    written.config.images.ollama = { secure: "v1:abc:def" };
    files.config.images.ollama = "hunter2";
    withProject(written, (root) => {
      const config = files.config as Record<string, unknown>;
      assert.throws(
        () => loadPlatformSpec({ environment: "test", config, root, secretKeys: ["images"] }),
        (error) =>
          error instanceof DeclarationError &&
          error.faults.map(placeOf).join() === stackPlace("images.ollama") &&
          (error.faults[0]?.line ?? 0) > 1 &&
          !/hunter2|v1:abc/.test(error.message),
      );
    });
  });

  it("leaves other namespaces' secrets alone (control)", () => {
    withProject(compliant(), (root) => {
      write(root, "Pulumi.other.yaml", "config: {}");
      assert.deepEqual(faultsIn(root), []);
    });
  });
});
