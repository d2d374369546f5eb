import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, placeOf, stackPlace, type Files } from "./fixture";

const key = { kty: "RSA", kid: "one", alg: "RS256", use: "sig", n: "n".repeat(342), e: "AQAB" };
const issuer = (...keys: object[]) => ({
  url: "https://issuer.example.com",
  jwks: { keys: keys.map((one) => ({ ...one })) },
});
const ledger = { name: "ledger", serviceAccount: { namespace: "finance-apps", name: "ledger" } };

/** An environment with an issuer, whose tenant finance has these clients. */
const calling =
  (...clients: object[]) =>
  ({ config, tenants }: Files) => {
    config.cluster.serviceAccountIssuer = issuer(key);
    tenants["finance"].spec.access.clients = clients;
  };
const issuedWith =
  (...keys: object[]) =>
  ({ config }: Files) =>
    (config.cluster.serviceAccountIssuer = issuer(...keys));
const client = (way: string) => financePlace(`access.clients[0].${way}`);
const issuerPlace = (way: string) => stackPlace(`cluster.serviceAccountIssuer.${way}`);

describe("clients with a ServiceAccount", () => {
  it("are accepted, in the tenant's own namespace and in one of no tenant", () => {
    const own = { name: "batch", serviceAccount: { namespace: "tenant-finance", name: "batch" } };
    assert.deepEqual(faultsAfter(calling(ledger, own)), []);
  });

  it("are refused with the ServiceAccount of another tenant's namespace", () =>
    assertFault(
      calling({ ...ledger, serviceAccount: { namespace: "tenant-hr", name: "ledger" } }),
      client("serviceAccount.namespace"),
      /another tenant's namespace/,
    ));

  it("are refused with a key beside it", () => {
    assertFault(calling({ ...ledger, keyGeneration: 2 }), client("keyGeneration"), /has none/);
    assertFault(calling({ ...ledger, acceptPreviousKey: true }), client("acceptPreviousKey"), /has none/);
  });

  it("are refused when two share one", () =>
    assertFault(
      calling(ledger, { ...ledger, name: "second" }),
      financePlace("access.clients[1].serviceAccount"),
      /earlier client/,
    ));

  it("are refused where the environment names no issuer", () =>
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.access.clients = [ledger]),
      client("serviceAccount"),
      /needs the issuer/,
    ));
});

describe("the issuer of tokens", () => {
  it("is refused with a key that is weak, incomplete or of another's name", () => {
    assertFault(issuedWith({ ...key, n: "short" }), issuerPlace("jwks.keys[0].n"), /shorter than 2048 bits/);
    assertFault(issuedWith({ ...key, e: undefined }), issuerPlace("jwks.keys[0].e"), /type RSA needs/);
    assertFault(issuedWith(key, key), issuerPlace("jwks.keys[1].kid"), /earlier key/);
  });

  for (const member of ["d", "p", "qi", "k"]) {
    it(`is refused with ${member}, a member of private keys, and the value is not shown`, () => {
      const faults = faultsAfter(issuedWith({ ...key, [member]: "Pr1vateK3y" }));
      assert.deepEqual(faults.map(placeOf), [issuerPlace(`jwks.keys[0].${member}`)]);
      assert.match(faults[0]?.fix ?? "", /^remove it$/);
      assert.ok(!JSON.stringify(faults).includes("Pr1vateK3y"));
    });
  }
});

describe("TLS of a server", () => {
  const encrypted = (secretName: string) => (files: Files) =>
    (files.tenants["finance"].spec.server.tls = { secretName });

  it("is accepted with a Secret of somebody else", () => assert.deepEqual(faultsAfter(encrypted("finance-tls")), []));

  for (const secretName of ["gateway-policy", "gateway-tokens", "client-ledger"]) {
    it(`is refused with ${secretName}, which the platform makes`, () =>
      assertFault(encrypted(secretName), financePlace("server.tls.secretName"), /platform itself/));
  }

  it("is refused behind an HTTPRoute, which cannot speak it, and accepted behind an Ingress", () => {
    const served = (ingress: object, more: object) => (files: Files) => {
      encrypted("finance-tls")(files);
      files.config.ingress = { domain: "llm.example.com", ...ingress };
      files.config.cluster.ingressControllers = [{ namespace: "ingress", podLabels: { app: "controller" } }];
      files.tenants["finance"].spec.ingress = { hosts: ["finance.llm.example.com"], ...more };
    };
    assertFault(
      served({ gateway: { name: "front", namespace: "gateways", sectionName: "https" } }, {}),
      financePlace("server.tls"),
      /HTTPRoute/,
    );
    assert.deepEqual(faultsAfter(served({ ingressClass: "nginx" }, { tlsSecret: "outside-tls" })), []);
  });
});

it("faults of tokens and TLS are reported together with those of a schema", () => {
  const faults = faultsAfter((files) => {
    calling({ ...ledger, keyGeneration: 2 })(files);
    files.config.cluster.serviceAccountIssuer.jwks.keys[0].n = "short";
    files.tenants["finance"].spec.server.tls = { secretName: "client-ledger" };
    files.tenants["hr"].spec.autoscaling = "auto";
  });
  assert.deepEqual(faults.map(placeOf).sort(), [
    "Pulumi.test.yaml: config.ollama-platform:cluster.serviceAccountIssuer.jwks.keys[0].n",
    "tenants/test/finance.yaml: spec.access.clients[0].keyGeneration",
    "tenants/test/finance.yaml: spec.server.tls.secretName",
    "tenants/test/hr.yaml: spec.autoscaling",
  ]);
});
