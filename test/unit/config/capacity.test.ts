import { assertFault, financePlace, hrPlace, stackPlace } from "./fixture";

describe("capacity", () => {
  it("refuses replicas that exceed the quota, at the place in the file, and says how many fit", () => {
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.quota.memory = "17Gi"),
      financePlace("autoscaling.maxReplicas"),
      /too many/,
      /lower it to 1/,
    );
  });

  it("refuses a quota that exceeds the node pool", () => {
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.quota.cpu = "65"),
      financePlace("quota.cpu"),
      /exceeds limits\.cpu 64/,
      /at most 64/,
    );
  });

  it("refuses a quota below one computed replica", () => {
    assertFault(
      ({ tenants }) => {
        tenants["hr"].spec.server = {};
        tenants["hr"].spec.quota = { memory: "1Mi" };
      },
      hrPlace("quota.memory"),
      /one replica needs/,
      /raise/,
    );
  });

  it("refuses a pool that is smaller than its tenants together", () => {
    assertFault(
      ({ tenants, config }) => {
        const slices = { nodePool: "slices", gpus: 1, cpu: "2", memory: "4Gi" };
        for (const name of ["a", "b"]) {
          tenants[name] = {
            ...tenants["hr"],
            metadata: { name },
            spec: { models: { allow: ["qwen2.5:0.5b"] }, server: slices, autoscaling: { maxReplicas: 4 } },
          };
        }
        config.nodePools.reverse();
      },
      stackPlace("nodePools[1].limits.gpus"),
      /is less than the tenants' GPU quotas together, 8/,
      /raise limits\.gpus to 14/,
    );
  });
});
