import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, type Files } from "../config/fixture";

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
