import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, type Files } from "../config/fixture";

describe("TLS of a server", () => {
  const encrypted = (secretName: string) => (files: Files) =>
    (files.tenants["finance"].spec.server.tls = { secretName });

  it("is accepted with a Secret of someone else", () => assert.deepEqual(faultsAfter(encrypted("finance-tls")), []));

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

describe("models that a server keeps loaded", () => {
  const serving = (change: object) => (files: Files) => Object.assign(files.tenants["hr"].spec.server, change);
  const place = hrPlace("server.loadedModels");

  it("are no more than the tenant may use", () => {
    const models = (files: Files) => files.tenants["hr"].spec.models.allow.length as number;
    assertFault(
      (files) => serving({ loadedModels: models(files) + 1 })(files),
      place,
      /more models than the tenant may use/,
    );
  });

  it("fit the GPUs together, or are refused with the most that do", () => {
    const two = (loadedModels: number) => (files: Files) => {
      const { spec } = files.tenants["finance"];
      files.config.models.push({ name: "mistral-nemo:12b" });
      spec.models = { allow: [...spec.models.allow, "mistral-nemo:12b"] };
      spec.server.loadedModels = loadedModels;
      files.config.nodePools[0].gpu.memoryGiB = 10;
    };
    assert.deepEqual(faultsAfter(two(1)), []);
    assertFault(two(2), financePlace("server.loadedModels"), /more of the largest models than/, /write 1/);
  });
});
