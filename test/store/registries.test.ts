import * as assert from "node:assert/strict";
import { createAuthority, issueCertificate } from "../../tools/local-cluster/certificates";
import { wholeModels } from "./support/expected";
import { startFront, startProxy, type Front } from "./support/front";
import { newStore, type LoaderOptions, type LoaderResult, type Store } from "./support/loader";
import { makeModel, startRegistry, type Registry } from "./support/registry";

const NAME = "registry.ollama.ai/library/small:1b";
const STORED = "registry.ollama.ai/library/small/1b";
const LOGIN = { username: "puller", password: "s3cret-of-the-registry" };
const BASIC = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64")}`;

describe("Registries that the loader pulls from", () => {
  const model = makeModel();
  let registry: Registry;
  let store: Store;
  const fronts: Front[] = [];

  before(async () => {
    registry = await startRegistry();
    await registry.publish(model, "team/small", "v1");
  });
  after(() => registry.stop());
  beforeEach(() => {
    store = newStore();
  });
  afterEach(async () => {
    store.remove();
    for (const front of fronts.splice(0)) await front.stop();
  });

  async function front(...args: Parameters<typeof startFront>): Promise<Front> {
    const started = await startFront(...args);
    fronts.push(started);
    return started;
  }

  function pull(host: string, options: LoaderOptions = {}, plain = [host]): Promise<LoaderResult> {
    const models = [{ name: NAME, source: `${host}/team/small:v1`, digest: model.digest }];
    return store.load({ models, plainHttpHosts: plain }, options);
  }

  function assertPulled({ code, output }: LoaderResult): void {
    assert.equal(code, 0, output);
    assert.deepEqual(wholeModels(store.root), [STORED]);
    assertNoSecret(output);
  }

  /** Nothing was pulled, and another attempt would not change that. */
  function assertRefused(result: LoaderResult, ...texts: string[]): void {
    assert.equal(result.code, 1, result.output);
    assertNothing(result, ...texts);
  }

  function assertNothing({ output }: LoaderResult, ...texts: string[]): void {
    for (const text of [NAME, ...texts]) assert.ok(output.includes(text), `${text} is not in: ${output}`);
    assert.deepEqual(wholeModels(store.root), []);
    assertNoSecret(output);
  }

  function assertNoSecret(output: string): void {
    for (const secret of [LOGIN.password, BASIC, BASIC.slice(6), "signature"])
      assert.ok(!output.includes(secret), output);
  }

  const auths = (host: string, login = LOGIN): LoaderOptions => ({ credentials: { auths: { [host]: login } } });

  it("may speak plain HTTP where that is listed, and nowhere else", async () => {
    assertPulled(await pull(registry.host));
    store.remove();
    store = newStore();
    assertRefused(await pull(registry.host, {}, []), registry.host);
  });

  describe("behind Basic authentication", () => {
    const guarded = () =>
      front(registry.host, (request, answer, forward) => {
        if (request.headers.authorization === BASIC) return forward();
        answer.writeHead(401, { "www-authenticate": 'Basic realm="models"' }).end();
      });

    it("get the credentials of the Secret", async () => {
      const { host } = await guarded();
      assertPulled(await pull(host, auths(host)));
    });

    it("give nothing without credentials, and the refusal says where to put them", async () => {
      const { host } = await guarded();
      assertRefused(await pull(host), host, "team/small", "401", "credentials Secret");
    });

    it("give nothing for credentials of another registry or another repository", async () => {
      const { host, asked } = await guarded();
      assertRefused(await pull(host, auths("127.0.0.1:1")), "wants credentials");
      assertRefused(await pull(host, auths(`${host}/other`)), "wants credentials");
      assert.ok(asked.every(({ authorization }) => authorization === undefined));
    });

    it("give nothing for a wrong password, which is not repeated in the refusal", async () => {
      const { host } = await guarded();
      const result = await pull(host, auths(host, { username: "puller", password: "wr0ng-password" }));
      assertRefused(result, host, "refused the credentials", "401");
      assert.ok(!result.output.includes("wr0ng-password"));
    });
  });

  describe("behind token authentication", () => {
    /** A registry whose token service wants a login, and whose tokens are good for `uses` requests. */
    async function guarded(uses = Infinity): Promise<{ registry: Front; service: Front }> {
      let token = 0;
      let left = 0;
      const service = await front("", (request, answer) => {
        if (request.headers.authorization !== BASIC) return answer.writeHead(401).end();
        left = uses;
        answer.end(JSON.stringify({ token: `token-${++token}` }));
      });
      const challenge = `Bearer realm="http://${service.host}/token",service="models",scope="repository:team/small:pull"`;
      const guard = await front(registry.host, (request, answer, forward) => {
        if (request.headers.authorization === `Bearer token-${token}` && left-- > 0) return forward();
        answer.writeHead(401, { "www-authenticate": challenge }).end();
      });
      return { registry: guard, service };
    }

    it("get a token for the credentials, limited to pulling from the one repository", async () => {
      const { registry: guard, service } = await guarded();
      assertPulled(await pull(guard.host, auths(guard.host), [guard.host, service.host]));
      assert.equal(service.asked.length, 1);
      const { searchParams } = new URL(service.asked[0]!.path, "http://service");
      assert.equal(searchParams.get("scope"), "repository:team/small:pull");
      assert.ok(guard.asked.every(({ authorization }) => authorization !== BASIC));
    });

    it("get a new token when the old one has expired", async () => {
      const { registry: guard, service } = await guarded(1);
      assertPulled(await pull(guard.host, auths(guard.host), [guard.host, service.host]));
      assert.ok(service.asked.length > 1);
    });

    it("do not make the loader send credentials by plain HTTP to a service that is not listed", async () => {
      const { registry: guard, service } = await guarded();
      assertRefused(await pull(guard.host, auths(guard.host)), service.host, "http");
      assert.equal(service.asked.length, 0);
    });
  });

  describe("that redirect", () => {
    it("may send blobs to another host, which never sees the credentials", async () => {
      const storage = await front(registry.host, (_, __, forward) => forward());
      const guard = await front(registry.host, (request, answer, forward) => {
        if (request.headers.authorization !== BASIC) {
          return answer.writeHead(401, { "www-authenticate": "Basic" }).end();
        }
        if (!request.url?.includes("/blobs/")) return forward();
        answer.writeHead(307, { location: `http://${storage.host}${request.url}?signature=abc` }).end();
      });
      assertPulled(await pull(guard.host, auths(guard.host), [guard.host, storage.host]));
      assert.equal(storage.asked.length, 2);
      assert.ok(storage.asked.every(({ authorization }) => authorization === undefined));
    });

    it("may not lead to plain HTTP at a host that is not listed", async () => {
      const storage = await front(registry.host, (_, __, forward) => forward());
      const guard = await front(registry.host, (request, answer, forward) => {
        if (!request.url?.includes("/blobs/")) return forward();
        answer.writeHead(302, { location: `http://${storage.host}${request.url}?signature=abc` }).end();
      });
      assertRefused(await pull(guard.host), storage.host);
      assert.equal(storage.asked.length, 0);
    });

    it("may not do so for ever", async () => {
      const guard = await front("", (request, answer) => answer.writeHead(302, { location: request.url }).end());
      assertRefused(await pull(guard.host), "redirected more than");
    });

    it("may not have the host they lead to ask for the credentials", async () => {
      const thief = await front("", (_, answer) => answer.writeHead(401, { "www-authenticate": "Basic" }).end());
      const guard = await front("", (_, answer) => answer.writeHead(302, { location: `http://${thief.host}/` }).end());
      assertRefused(await pull(guard.host, auths(guard.host), [guard.host, thief.host]), "401");
      assert.ok(thief.asked.every(({ authorization }) => authorization === undefined));
    });
  });

  describe("with TLS", () => {
    async function secured(): Promise<{ host: string; ca: string }> {
      const authority = await createAuthority("authority of the models");
      const { certificate, key } = await issueCertificate(authority, { commonName: "models", hosts: ["127.0.0.1"] });
      const { host } = await front(registry.host, (_, __, forward) => forward(), { key, cert: certificate });
      return { host, ca: authority.certificate };
    }

    it("are trusted by a private certificate authority", async () => {
      const { host, ca } = await secured();
      assertPulled(await pull(host, { ca }, []));
    });

    it("are not trusted without it", async () => {
      const { host } = await secured();
      assertRefused(await pull(host, {}, []), host, "certificate authority");
    });

    it("are reached through a proxy, and the proxy sees no more than their address", async () => {
      const { host, ca } = await secured();
      const proxy = await startProxy();
      fronts.push(proxy);
      assertPulled(await pull(host, { ca, environment: { HTTPS_PROXY: `http://${proxy.host}` } }, []));
      assert.ok(proxy.asked.length > 0);
      for (const asked of proxy.asked) assert.deepEqual(asked, { method: "CONNECT", path: host });
    });
  });

  it("are reached through a proxy by plain HTTP too, and directly where NO_PROXY says so", async () => {
    const proxy = await startProxy();
    fronts.push(proxy);
    const environment = { HTTP_PROXY: `http://${proxy.host}` };
    assertPulled(await pull(registry.host, { environment }));
    const asked = proxy.asked.length;
    assert.ok(asked > 0);
    store.remove();
    store = newStore();
    assertPulled(await pull(registry.host, { environment: { ...environment, NO_PROXY: "127.0.0.1" } }));
    assert.equal(proxy.asked.length, asked);
  });

  it("are told by name when they do not answer, which another attempt may find otherwise", async () => {
    const result = await pull("127.0.0.1:1");
    assert.equal(result.code, 75);
    assertNothing(result, "no connection to 127.0.0.1:1", "ECONNREFUSED");
  });
});
