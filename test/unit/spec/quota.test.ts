import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, type Files } from "../config/fixture";

const finance = (files: Files) => files.tenants["finance"].spec;

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
