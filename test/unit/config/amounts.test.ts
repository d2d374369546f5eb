import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, stackPlace, type Files } from "./fixture";

const finance = (files: Files) => files.tenants["finance"].spec;

describe("quantities", () => {
  it("refuses a malformed quantity and proposes what is meant", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.server.memory = "4 gigabytes"),
      hrPlace("server.memory"),
      /form/,
      /`4Gi`/,
    );
    assertFault(
      ({ config }) => (config.nodePools[2].limits.memory = "256GB"),
      stackPlace("nodePools[2].limits.memory"),
      /form/,
      /`256Gi`/,
    );
  });

  it("refuses a negative quantity", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.server.cpu = "-2"), hrPlace("server.cpu"), /form/);
    assertFault(({ tenants }) => (tenants["hr"].spec.server.cpu = -2), hrPlace("server.cpu"), /too small/);
  });

  it("refuses no CPU at all", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.server.cpu = "0"), hrPlace("server.cpu"), /no CPU/);
  });

  it("refuses memory without unit, and thousandths of a byte", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.server.memory = 4), hrPlace("server.memory"), /4 bytes/, /`4Gi`/);
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.server.memory = "512m"),
      hrPlace("server.memory"),
      /1 byte,/,
      /`512Mi`/,
    );
  });

  it("refuses a quantity that is larger than any", () => {
    assertFault(
      (files) => (finance(files).quota.storage = "99999Ei"),
      financePlace("quota.storage"),
      /more than|too large/,
    );
  });

  it("takes a number for a quantity", () => {
    assert.deepEqual(
      faultsAfter(({ tenants }) => (tenants["hr"].spec.server.cpu = 1.5)),
      [],
    );
  });

  it("refuses `auto` where nothing is computed", () => {
    assertFault(
      ({ config }) => (config.nodePools[2].limits.cpu = "auto"),
      stackPlace("nodePools[2].limits.cpu"),
      /form/,
    );
  });

  it("refuses another word for `auto`", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.quota = "automatic"), hrPlace("quota"), /form/);
  });
});

describe("quotas", () => {
  for (const [key, value] of Object.entries({ cpu: "3500m", memory: "15Gi", ephemeralStorage: "2Gi", gpus: 0 })) {
    it(`refuses a ${key} quota below one replica and says the least that fits`, () => {
      assertFault(
        (files) => (finance(files).quota[key] = value),
        financePlace(`quota.${key}`),
        /below one replica, which takes (4250m|16640Mi|4224Mi|1)$/,
      );
    });
  }

  it("accepts a quota of exactly one replica in other units", () => {
    assert.deepEqual(
      faultsAfter((files) => {
        Object.assign(finance(files).quota, { cpu: "4.5", memory: "16640Mi", gpus: 1 });
        finance(files).autoscaling.maxReplicas = 1;
      }),
      [],
    );
  });

  it("does not compare a quota with a size that is malformed itself", () => {
    assertFault((files) => (finance(files).server.cpu = "forty"), financePlace("server.cpu"), /form/);
  });
});

describe("autoscaling", () => {
  it("refuses a minimum above the maximum", () => {
    assertFault(
      (files) => (finance(files).autoscaling.minReplicas = 3),
      financePlace("autoscaling.minReplicas"),
      /above `maxReplicas`, 2/,
      /maxReplicas: 3/,
    );
  });

  it("refuses a target that servers of that kind do not have", () => {
    assertFault(
      (files) => (finance(files).autoscaling.targetCpuPercent = 70),
      financePlace("autoscaling.targetCpuPercent"),
      /requests in flight/,
    );
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.autoscaling.targetRequestsInFlight = 2),
      hrPlace("autoscaling.targetRequestsInFlight"),
      /scale by CPU/,
    );
  });
});
