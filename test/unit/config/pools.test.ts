import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, stackPlace, type Files } from "./fixture";

const pool = (index: number) => (files: Files) => files.config.nodePools[index];
const [dedicated, slices, plain] = [pool(0), pool(1), pool(2)];
const place = (index: number, way: string) => stackPlace(`nodePools[${index}].${way}`);

describe("node pools", () => {
  it("refuses a dedicated pool without tenant", () => {
    assertFault((files) => (plain(files).tenancy = "dedicated"), place(2, "tenant"), /dedicated, but to nobody/);
  });

  it("refuses a dedicated pool of an unknown tenant and proposes the closest", () => {
    assertFault(
      (files) => Object.assign(plain(files), { tenancy: "dedicated", tenant: "finances" }),
      place(2, "tenant"),
      /not a tenant/,
      /`finance`/,
    );
  });

  it("refuses a shared pool with a tenant", () => {
    assertFault((files) => (plain(files).tenant = "hr"), place(2, "tenant"), /pool is shared/);
  });

  it("refuses a GPU limit without GPUs", () => {
    assertFault((files) => (plain(files).limits.gpus = 2), place(2, "limits.gpus"), /have none/);
  });

  it("refuses GPUs without a limit that allows one node", () => {
    assertFault((files) => (dedicated(files).limits.gpus = 1), place(0, "limits.gpus"), /2 GPUs of one node/);
    assertFault((files) => delete slices(files).limits.gpus, place(1, "limits.gpus"), /7 GPUs of one node/);
  });

  it("refuses more memory than the MIG slice has", () => {
    assertFault(
      (files) => (slices(files).gpu.memoryGiB = 24),
      place(1, "gpu.memoryGiB"),
      /more than the MIG slice/,
      /10/,
    );
  });

  it("refuses time-sliced GPUs on a shared pool but not on a dedicated one", () => {
    assertFault(
      (files) => (slices(files).gpu.resource = "nvidia.com/gpu.shared"),
      place(1, "gpu.resource"),
      /time-sliced/,
    );
    assert.deepEqual(
      faultsAfter((files) => (dedicated(files).gpu.resource = "nvidia.com/gpu.shared")),
      [],
    );
  });

  it("refuses a GPU resource that is no extended resource", () => {
    assertFault((files) => (dedicated(files).gpu.resource = "gpu"), place(0, "gpu.resource"), /form/);
  });

  for (const [key, value] of Object.entries({ spot: true, nodeClass: "gpu", requirements: [], disruption: {} })) {
    it(`refuses ${key} on nodes that exist already`, () => {
      assertFault((files) => (slices(files)[key] = value), place(1, key), /no effect/);
    });
  }

  it("refuses an operator that is none", () => {
    assertFault(
      (files) => (dedicated(files).requirements[0].operator = "in"),
      place(0, "requirements[0].operator"),
      /not one of/,
      /`In`/,
    );
  });

  it("refuses values that do not suit the operator", () => {
    const requirement = (operator: string, values?: string[]) => (files: Files) =>
      (dedicated(files).requirements = [{ key: "zone", operator, values }]);
    assertFault(requirement("In", []), place(0, "requirements[0].values"), /is empty/);
    assertFault(requirement("NotIn"), place(0, "requirements[0].values"), /is empty/);
    assertFault(requirement("Exists", ["a"]), place(0, "requirements[0].values"), /no meaning/);
    assertFault(requirement("Gt", ["a"]), place(0, "requirements[0].values"), /does not suit/);
    assertFault(requirement("Lt", ["1", "2"]), place(0, "requirements[0].values"), /does not suit/);
    assert.deepEqual(faultsAfter(requirement("Gt", ["4"])), []);
  });

  for (const key of [
    "node-restriction.kubernetes.io/ollama-pool",
    "karpenter.sh/nodepool",
    "karpenter.sh/capacity-type",
  ]) {
    it(`refuses a requirement on ${key}, which the platform sets`, () => {
      assertFault(
        (files) => (dedicated(files).requirements = [{ key, operator: "Exists" }]),
        place(0, "requirements[0].key"),
        /set by the platform/,
      );
    });
  }

  it("refuses malformed disruption bounds", () => {
    assertFault(
      (files) => (plain(files).disruption = { maxUnavailableNodes: "120%" }),
      place(2, "disruption.maxUnavailableNodes"),
      /form/,
    );
    assertFault(
      (files) => (plain(files).disruption = { consolidateAfter: "soon" }),
      place(2, "disruption.consolidateAfter"),
      /form/,
    );
  });
});
