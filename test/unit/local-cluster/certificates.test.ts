import { strict as assert } from "node:assert";
import { X509Certificate } from "node:crypto";
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import {
  createAuthority,
  ensureAuthority,
  ensureCertificate,
  ensureTokenKeys,
  issueCertificate,
  readCredential,
} from "../../../tools/local-cluster/certificates";
import { scratchLayout } from "./scratch";

const request = { commonName: "server", client: true, hosts: ["127.0.0.1", "localhost"] };

describe("certificates of the local cluster", () => {
  const scratch = scratchLayout();

  it("carry user, groups, hosts and purposes, and verify against their authority", async () => {
    const authority = await createAuthority("test-ca");
    const asked = {
      commonName: "user:a",
      organizations: ["team/x", "Ünit, b"],
      client: true,
      hosts: ["10.0.0.1", "a.b"],
    };
    const { certificate } = await issueCertificate(authority, asked);
    const parsed = new X509Certificate(certificate);
    assert.equal(parsed.toLegacyObject().subject.CN, "user:a");
    assert.deepEqual(parsed.toLegacyObject().subject.O, ["team/x", "Ünit, b"]);
    assert.equal(parsed.subjectAltName, "IP Address:10.0.0.1, DNS:a.b");
    assert.deepEqual(parsed.keyUsage, ["1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1"]);
    assert.equal(parsed.ca, false);
    assert.ok(parsed.verify(new X509Certificate(authority.certificate).publicKey));
    assert.ok(!parsed.verify(new X509Certificate((await createAuthority("test-ca")).certificate).publicKey));
  });

  it("that give no host are no server certificates, those that are no client are no client certificates", async () => {
    const authority = await createAuthority("test-ca");
    const client = new X509Certificate(
      (await issueCertificate(authority, { commonName: "a", client: true })).certificate,
    );
    assert.deepEqual(client.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    const server = new X509Certificate(
      (await issueCertificate(authority, { commonName: "a", hosts: ["h"] })).certificate,
    );
    assert.deepEqual(server.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  });

  it("stay as they are while they are sound", async () => {
    const layout = scratch.current();
    const first = await ensureCertificate(layout, "server", await ensureAuthority(layout, "ca"), request);
    const second = await ensureCertificate(layout, "server", await ensureAuthority(layout, "ca"), request);
    assert.deepEqual(second, first);
    assert.equal(statSync(layout.key("server")).mode & 0o777, 0o600);
  });

  it("have keys whose file mode is put right", async () => {
    const layout = scratch.current();
    await ensureAuthority(layout, "ca");
    chmodSync(layout.key("ca"), 0o644);
    await ensureAuthority(layout, "ca");
    assert.equal(statSync(layout.key("ca")).mode & 0o777, 0o600);
  });

  const faults: Record<string, (layout: ReturnType<typeof scratch.current>) => void | Promise<void>> = {
    "the certificate is missing": (layout) => rmSync(layout.certificate("server")),
    "the key is missing": (layout) => rmSync(layout.key("server")),
    "the certificate is damaged": (layout) => writeFileSync(layout.certificate("server"), "nonsense"),
    "the key is another's": (layout) => writeFileSync(layout.key("server"), readFileSync(layout.key("ca"))),
    "the authority is another": (layout) => rmSync(layout.key("ca")),
    "little time is left": async (layout) => {
      const soon = await issueCertificate(readCredential(layout, "ca"), request, 24 * 3600 * 1000);
      writeFileSync(layout.certificate("server"), soon.certificate);
      writeFileSync(layout.key("server"), soon.key);
    },
  };
  for (const [fault, inflict] of Object.entries(faults)) {
    it(`are reissued when ${fault}`, async () => {
      const layout = scratch.current();
      await ensureCertificate(layout, "server", await ensureAuthority(layout, "ca"), request);
      await inflict(layout);
      const broken = readFileSync(layout.certificate("ca"), "utf8");
      const authority = await ensureAuthority(layout, "ca");
      const renewed = await ensureCertificate(layout, "server", authority, request);
      const parsed = new X509Certificate(renewed.certificate);
      assert.ok(parsed.verify(new X509Certificate(authority.certificate).publicKey));
      assert.ok(Date.parse(parsed.validTo) > Date.now() + 300 * 24 * 3600 * 1000);
      assert.deepEqual(readCredential(layout, "server"), renewed);
      assert.equal(authority.certificate === broken, fault !== "the authority is another");
    });
  }

  it("are reissued for other hosts", async () => {
    const layout = scratch.current();
    const authority = await ensureAuthority(layout, "ca");
    await ensureCertificate(layout, "server", authority, request);
    const moved = await ensureCertificate(layout, "server", authority, { ...request, hosts: ["10.1.1.1"] });
    assert.equal(new X509Certificate(moved.certificate).subjectAltName, "IP Address:10.1.1.1");
  });

  it("say which file is missing when they are needed and absent", () => {
    const layout = scratch.current();
    assert.throws(() => readCredential(layout, "admin"), /admin\.crt: certificate or its key is missing/);
  });

  it("leave sound token keys alone and replace damaged ones", () => {
    const layout = scratch.current();
    ensureTokenKeys(layout, "tokens");
    const first = readFileSync(layout.certificate("tokens"), "utf8");
    assert.match(first, /^-----BEGIN PUBLIC KEY-----/);
    ensureTokenKeys(layout, "tokens");
    assert.equal(readFileSync(layout.certificate("tokens"), "utf8"), first);
    writeFileSync(layout.key("tokens"), "nonsense");
    ensureTokenKeys(layout, "tokens");
    assert.notEqual(readFileSync(layout.certificate("tokens"), "utf8"), first);
  });
});
