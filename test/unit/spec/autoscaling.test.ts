import { assertFault, financePlace, hrPlace, type Files } from "../config/fixture";

const finance = (files: Files) => files.tenants["finance"].spec;

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
