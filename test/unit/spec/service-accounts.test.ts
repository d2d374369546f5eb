import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, placeOf, stackPlace, type Files } from "../config/fixture";

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
const client = (way: string) => financePlace(`access.clients[0].${way}`);

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

it("faults of clients and TLS are reported together with those of a schema", () => {
  const faults = faultsAfter((files) => {
    calling({ ...ledger, keyGeneration: 2 })(files);
    files.config.cluster.serviceAccountIssuer.jwks.keys[0].n = "short";
    files.tenants["finance"].spec.server.tls = { secretName: "client-ledger" };
    files.tenants["hr"].spec.autoscaling = "auto";
  });
  assert.deepEqual(faults.map(placeOf).sort(), [
    stackPlace("cluster.serviceAccountIssuer.jwks.keys[0].n"),
    financePlace("access.clients[0].keyGeneration"),
    financePlace("server.tls.secretName"),
    hrPlace("autoscaling"),
  ]);
});
