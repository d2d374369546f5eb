import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, stackPlace, type Files } from "../config/fixture";

const finance = (files: Files) => files.tenants["finance"].spec;

describe("amounts", () => {
  for (const cpu of ["4Gi", "4G", "4Mi", "4E"]) {
    it(`refuses CPU in a unit of memory: ${cpu}`, () => {
      assertFault((files) => (finance(files).server.cpu = cpu), financePlace("server.cpu"), /has the unit/, /`4`/);
      assertFault((files) => (finance(files).quota.cpu = cpu), financePlace("quota.cpu"), /has the unit/, /`4`/);
    });
  }

  it("refuses CPU in a unit of memory for pools and their nodes", () => {
    assertFault(
      ({ config }) => (config.nodePools[2].limits.cpu = "64Gi"),
      stackPlace("nodePools[2].limits.cpu"),
      /has the unit/,
      /did you mean `64`\?/,
    );
    assertFault(
      ({ config }) => (config.nodePools[2].nodeCpu = "15Gi"),
      stackPlace("nodePools[2].nodeCpu"),
      /has the unit/,
      /did you mean `15`\?/,
    );
  });

  it("accepts CPU in cores and thousandths, in every form that Kubernetes reads", () => {
    for (const cpu of ["4", "4000m", "4.5", "4e0", "+4"]) {
      assert.deepEqual(
        faultsAfter((files) => (finance(files).server.cpu = cpu)),
        [],
        cpu,
      );
    }
  });

  for (const [memory, problem] of Object.entries({ "4Pi": /more than there can be/, "1Ei": /too large/ })) {
    it(`refuses memory that no machine has: ${memory}`, () => {
      assertFault((files) => (finance(files).server.memory = memory), financePlace("server.memory"), problem);
    });
  }

  for (const memory of ["0", "0Gi", "0.0", "0m"]) {
    it(`refuses no memory at all, and does not propose it: ${memory}`, () => {
      const place = financePlace("server.memory");
      const change = (files: Files) => (finance(files).server.memory = memory);
      assertFault(change, place, /is nothing/, /^write the amount that is needed$/);
    });
  }

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
      /is 1 byte,/,
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
