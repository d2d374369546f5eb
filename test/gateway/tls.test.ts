import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ConnectionOptions, PeerCertificate, TLSSocket } from "node:tls";
import { connect } from "node:tls";
import { CERTIFICATE_FILE, CERTIFICATE_KEY_FILE, HEALTH_PATH } from "../../components/gateway";
import type { Credential } from "../../tools/local-cluster/certificates";
import { createAuthority, issueCertificate } from "../../tools/local-cluster/certificates";
import type { Pair } from "./support/decisions";
import { ALICE, chat, request, tenant } from "./support/decisions";
import { swapFiles } from "../../tools/gateway/process";
import { eventually, RunningGateway } from "./support/gateway";
import { exchange } from "./support/http";
import { startUpstream } from "./support/upstream";

const HOST = "ollama.tenant-finance.svc";

describe("gateway: TLS", function () {
  this.timeout(60_000);
  const pair = {} as Pair;
  let authority: Credential;

  const issued = () => issueCertificate(authority, { commonName: HOST, hosts: [HOST] });
  const files = ({ certificate, key }: Credential) => ({
    [CERTIFICATE_FILE]: certificate,
    [CERTIFICATE_KEY_FILE]: key,
  });
  const startedWith = (credential: Credential) =>
    RunningGateway.start(tenant({ tls: true }), pair.upstream.port, undefined, ({ certificateDirectory }) =>
      swapFiles(certificateDirectory, files(credential)),
    );

  before(async () => {
    authority = await createAuthority("test authority");
    pair.upstream = await startUpstream();
    pair.gateway = await startedWith(await issued());
  });
  after(async () => {
    await pair.gateway?.stop();
    await pair.upstream?.stop();
  });

  /** How clients reach the gateway: they know the authority and the name. */
  const trusting = (gateway = pair.gateway) => ({
    host: gateway.place.address,
    port: gateway.place.port,
    ca: authority.certificate,
    servername: HOST,
  });

  async function handshake(options: ConnectionOptions = {}, gateway = pair.gateway): Promise<TLSSocket> {
    const socket = connect({ ...trusting(gateway), ...options });
    try {
      await once(socket, "secureConnect");
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  async function presented(gateway = pair.gateway): Promise<PeerCertificate> {
    const socket = await handshake({}, gateway);
    const certificate = socket.getPeerCertificate();
    socket.destroy();
    return certificate;
  }

  async function asked(method: string, path: string, body = ""): Promise<IncomingMessage> {
    const sent = httpsRequest({
      ...trusting(),
      agent: false,
      method,
      path,
      headers: { authorization: `Bearer ${ALICE}`, "content-length": String(Buffer.byteLength(body)) },
    });
    sent.end(body);
    const [reply] = (await once(sent, "response")) as [IncomingMessage];
    return reply;
  }

  async function textOf(reply: IncomingMessage): Promise<string> {
    let text = "";
    for await (const chunk of reply) text += String(chunk);
    return text;
  }

  const streaming = (chunks: number, pauseMs: number) =>
    JSON.stringify({
      model: "llama3:8b",
      messages: [{ role: "user", content: `behave:${JSON.stringify({ chunks, pauseMs })}` }],
    });

  it("answers clients that trust the certificate's authority, and decides as without TLS", async () => {
    const reply = await asked("POST", "/api/chat", chat("llama3:8b"));
    equal(reply.statusCode, 200);
    match(await textOf(reply), /"done":true/);
    equal((await asked("POST", "/api/chat", chat("secret:latest"))).statusCode, 404);
    equal((await asked("POST", "/api/pull", chat("llama3:8b"))).statusCode, 404);
  });

  it("proves its name to them: another authority or another name is noticed by the client", async () => {
    const other = await createAuthority("another authority");
    await rejects(handshake({ ca: other.certificate }), /certificate/);
    await rejects(handshake({ servername: "ollama.tenant-hr.svc" }), /does not match/);
    (await handshake()).destroy();
  });

  it("answers the kubelet's probe, which checks no certificate, at the health path", async () => {
    const sent = httpsRequest({
      ...trusting(),
      ca: undefined,
      rejectUnauthorized: false,
      agent: false,
      path: HEALTH_PATH,
    });
    sent.end();
    const [reply] = (await once(sent, "response")) as [IncomingMessage];
    equal(reply.statusCode, 200);
    reply.resume();
  });

  it("answers nobody in plain HTTP", async () => {
    pair.upstream.clear();
    for (const sent of [request(), request({ method: "GET", target: HEALTH_PATH, headers: [], body: undefined })]) {
      equal((await exchange(pair.gateway, sent)).status, 0);
    }
    deepEqual(pair.upstream.recorded, []);
  });

  it("speaks TLS 1.2 and 1.3, and nothing older", async () => {
    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
      const socket = await handshake({ minVersion: version, maxVersion: version });
      equal(socket.getProtocol(), version);
      socket.destroy();
    }
    // The client would: with its own security level lowered it offers TLS 1.1, and the gateway declines.
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await rejects(handshake(old), /protocol version|alert/i);
  });

  it("offers HTTP/1.1 only", async () => {
    const socket = await handshake({ ALPNProtocols: ["h2", "http/1.1"] });
    equal(socket.alpnProtocol, "http/1.1");
    socket.destroy();
  });

  it("takes a renewed certificate without a restart and without cutting a stream", async () => {
    const before = await presented();
    const stream = await asked("POST", "/api/chat", streaming(5000, 20));
    const chunks = stream[Symbol.asyncIterator]();
    await chunks.next();
    swapFiles(pair.gateway.place.certificateDirectory, files(await issued()));
    const after = await eventually("the new certificate", async () => {
      const now = await presented();
      return now.serialNumber !== before.serialNumber ? now : undefined;
    });
    notEqual(after.fingerprint256, before.fingerprint256);
    for (let count = 0; count < 5; count += 1) match(String((await chunks.next()).value), /"content"/);
    equal(pair.upstream.active(), 1, "the stream from before the renewal goes on");
    stream.destroy();
    await eventually("the stream's end", () => pair.upstream.active() === 0);
    equal(pair.gateway.process.exitCode, null);
  });

  it("keeps the certificate it has when a renewed one cannot be read or does not fit its key", async () => {
    const before = await presented();
    const [one, other] = [await issued(), await issued()];
    const directory = pair.gateway.place.certificateDirectory;
    for (const broken of [
      { certificate: "broken", key: one.key },
      { certificate: one.certificate, key: other.key },
    ]) {
      swapFiles(directory, files(broken));
      await eventually("a complaint", () => /certificate|private key|key/i.test(pair.gateway.errors));
      equal((await presented()).serialNumber, before.serialNumber);
      equal((await asked("POST", "/api/chat", chat("llama3:8b"))).statusCode, 200);
    }
    swapFiles(directory, files(other));
    await eventually("the whole certificate", async () => (await presented()).serialNumber !== before.serialNumber);
  });

  it("never falls back to plain HTTP: without a usable certificate nobody gets in", async () => {
    const gateway = await startedWith({ certificate: "broken", key: "broken" });
    try {
      pair.upstream.clear();
      const plain = await exchange(gateway, request()).catch(() => ({ status: 0 }));
      equal(plain.status, 0);
      await rejects(handshake({}, gateway));
      deepEqual(pair.upstream.recorded, []);
      swapFiles(gateway.place.certificateDirectory, files(await issued()));
      const certificate = await eventually("the certificate that was put right", () =>
        presented(gateway).catch(() => undefined),
      );
      ok(certificate.subjectaltname?.includes(HOST));
    } finally {
      await gateway.stop();
    }
  });

  it("writes no key to the log", () => {
    ok(!/PRIVATE KEY/.test(pair.gateway.errors));
  });
});
