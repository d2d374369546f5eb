import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, placeOf, stackPlace, type Files } from "../config/fixture";

/** Both tenants with hosts that a gateway serves. */
function withHosts(files: Files): void {
  files.config.cluster.ingressControllers = [{ namespace: "envoy-gateway-system", podLabels: { app: "envoy" } }];
  files.config.ingress = {
    domain: "models.example.com",
    gateway: { name: "public", namespace: "gateways", sectionName: "https" },
  };
  files.tenants["finance"].spec.ingress = { hosts: ["finance.models.example.com", "ledger.models.example.com"] };
  files.tenants["hr"].spec.ingress = { hosts: ["hr.models.example.com"] };
}

/** The same behind an ingress class. */
function withClass(files: Files): void {
  withHosts(files);
  files.config.ingress = { domain: "models.example.com", ingressClass: "nginx", clusterIssuer: "letsencrypt" };
  for (const { spec } of Object.values(files.tenants)) spec.ingress.tlsSecret = "ingress-tls";
}

const changing =
  (start: (files: Files) => void, change: (files: Files) => void) =>
  (files: Files): void => {
    start(files);
    change(files);
  };
const hrHost = (host: string) => changing(withHosts, ({ tenants }) => (tenants["hr"].spec.ingress.hosts = [host]));
const hrPath = hrPlace("ingress.hosts[0]");

describe("hosts of tenants", () => {
  it("are accepted below the domain, behind a gateway and behind an ingress class", () => {
    assert.deepEqual(faultsAfter(withHosts), []);
    assert.deepEqual(faultsAfter(withClass), []);
  });

  it("are accepted anywhere when the environment names no domain", () => {
    const anywhere = changing(hrHost("hr.example.org"), ({ config }) => delete config.ingress.domain);
    assert.deepEqual(faultsAfter(anywhere), []);
  });

  it("are one tenant's alone", () => {
    assertFault(hrHost("ledger.models.example.com"), hrPath, /is a host of the tenant finance as well/);
  });

  for (const host of ["LEDGER.models.example.com", "ledger.models.example.com.", "Ledger.Models.Example.Com."]) {
    it(`are the same however they are spelt, and refused in another spelling than routes compare: ${host}`, () => {
      const faults = faultsAfter(hrHost(host));
      assert.deepEqual(faults.map(placeOf), [hrPath, hrPath]);
      assert.match(faults.map(({ problem }) => problem).join(), /is a host of the tenant finance as well/);
      assert.match(faults.map(({ fix }) => fix).join(), /write `ledger\.models\.example\.com`/);
    });
  }

  it("are listed once", () => {
    const twice = changing(withHosts, ({ tenants }) => tenants["hr"].spec.ingress.hosts.push("hr.models.example.com"));
    assertFault(twice, hrPlace("ingress.hosts[1]"), /listed twice/);
  });

  for (const [host, problem] of Object.entries({
    "*.models.example.com": /wildcard/,
    "hr*.models.example.com": /wildcard/,
    "hr.example.org": /not below models\.example\.com/,
    "models.example.com": /not below/,
    "hr.othermodels.example.com": /not below/,
    localhost: /not a full host name/,
    "203.0.113.7": /not a full host name/,
    "hr_1.models.example.com": /not a full host name/,
    "hr..models.example.com": /not a full host name/,
    "https://hr.models.example.com": /not a full host name/,
    "hr.models.example.com/path": /not a full host name/,
    "hr.models.example.com:8443": /not a full host name/,
  })) {
    it(`are full names below the domain: ${host}`, () => assertFault(hrHost(host), hrPath, problem));
  }

  it("need something that serves them", () => {
    const nobody = changing(withHosts, ({ config }) => delete config.ingress);
    const faults = faultsAfter(nobody);
    assert.deepEqual(faults.map(placeOf).sort(), [financePlace("ingress"), hrPlace("ingress")]);
  });

  it("need a controller that may reach the servers", () => {
    const closed = changing(withHosts, ({ config }) => delete config.cluster.ingressControllers);
    assertFault(closed, stackPlace("cluster.ingressControllers"), /nothing may reach the hosts of finance, hr/);
  });

  it("have no certificate of their own behind a gateway", () => {
    const own = changing(withHosts, ({ tenants }) => (tenants["hr"].spec.ingress.tlsSecret = "ingress-tls"));
    assertFault(own, hrPlace("ingress.tlsSecret"), /certificate is the gateway's/);
  });

  it("have a certificate behind an ingress class", () => {
    const clear = changing(withClass, ({ tenants }) => delete tenants["hr"].spec.ingress.tlsSecret);
    assertFault(clear, hrPlace("ingress.tlsSecret"), /in plain text/);
  });

  for (const name of ["client-portal", "gateway-policy"]) {
    it(`have a certificate in a Secret of its own, not in ${name}`, () => {
      const taken = changing(withClass, ({ tenants }) => (tenants["hr"].spec.ingress.tlsSecret = name));
      assertFault(taken, hrPlace("ingress.tlsSecret"), /Secret of the platform/);
    });
  }

  it("report every fault of both tenants and of the environment at once", () => {
    const faults = faultsAfter(
      changing(withClass, ({ config, tenants }) => {
        delete config.cluster.ingressControllers;
        config.ingress.gateway = { name: "public", namespace: "tenant-hr", sectionName: "https" };
        tenants["finance"].spec.ingress.hosts = ["*.models.example.com", "hr.models.example.com"];
        tenants["hr"].spec.ingress.hosts = ["hr.models.example.com", "hr.example.org"];
      }),
    );
    assert.deepEqual(faults.map(placeOf).sort(), [
      stackPlace("cluster.ingressControllers"),
      stackPlace("ingress"),
      stackPlace("ingress.clusterIssuer"),
      stackPlace("ingress.gateway.namespace"),
      financePlace("ingress.hosts[0]"),
      financePlace("ingress.tlsSecret"),
      hrPlace("ingress.hosts[0]"),
      hrPlace("ingress.hosts[1]"),
      hrPlace("ingress.tlsSecret"),
    ]);
  });
});

describe("ingress of an environment", () => {
  it("has a gateway or an ingress class", () => {
    const neither = changing(withHosts, ({ config }) => delete config.ingress.gateway);
    assert.match(
      faultsAfter(neither)
        .map(({ problem }) => problem)
        .join(),
      /neither gateway nor ingressClass/,
    );
    const both = changing(withHosts, ({ config }) => (config.ingress.ingressClass = "nginx"));
    assertFault(both, stackPlace("ingress"), /both gateway and ingressClass/);
  });
});
