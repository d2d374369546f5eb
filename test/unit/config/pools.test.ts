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

  for (const resource of ["mig-1g.10gb.me", "mig-1g.10gb.me.all", "mig-1g.10gb.gfx", "mig-1c.1g.10gb"]) {
    it(`refuses more memory than a slice has whose profile says more: ${resource}`, () => {
      const sliced = (memoryGiB: number) => (files: Files) =>
        Object.assign(slices(files).gpu, { resource: `nvidia.com/${resource}`, memoryGiB });
      assertFault(sliced(80), place(1, "gpu.memoryGiB"), /more than the MIG slice/, /10/);
      assert.deepEqual(faultsAfter(sliced(10)), []);
    });
  }

  for (const [product, most] of [
    ["l4", 24],
    ["nvidia-tesla-t4", 16],
    ["nvidia-a100-80gb", 80],
    ["A100", 80],
    ["NVIDIA-H100-NVL", 94],
  ] as const) {
    it(`refuses more memory than the product's name allows: ${product}`, () => {
      const card = (memoryGiB: number) => (files: Files) => Object.assign(dedicated(files).gpu, { product, memoryGiB });
      assertFault(card(most + 1), place(0, "gpu.memoryGiB"), /more than a GPU .* has/, new RegExp(`${most}`));
      assert.deepEqual(faultsAfter(card(most)), []);
    });
  }

  it("takes the memory of a product that it does not know as it is said", () => {
    const unknown = (files: Files) => Object.assign(dedicated(files).gpu, { product: "mi300x", memoryGiB: 192 });
    assert.deepEqual(faultsAfter(unknown), []);
  });

  for (const schedule of [
    "61 9 * * *",
    "0 24 * * *",
    "0 9 0 * *",
    "0 9 * 13 *",
    "0 9 * * 7",
    "0 9 * * fri-mon",
    "0 9 * * */0",
    "a 9 * * *",
    "0 9 1-2-3 * *",
  ]) {
    it(`refuses a budget's schedule that Karpenter cannot read: ${schedule}`, () => {
      assertFault(
        (files) => (plain(files).disruption = { budgets: [{ nodes: "0", schedule, duration: "8h" }] }),
        place(2, "disruption.budgets[0].schedule"),
        /no node of the pool would ever be replaced/,
        /0 7 \* \* mon-fri/,
      );
    });
  }

  for (const schedule of ["0 0 30 2 *", "0 0 31 feb,APR,6,9-11/2 *", "0 0 30/1 2 */1", "0 0 31 2/9 2,*"]) {
    it(`refuses a budget's schedule that never comes: ${schedule}`, () => {
      assertFault(
        (files) => (plain(files).disruption = { budgets: [{ nodes: "0", schedule, duration: "8h" }] }),
        place(2, "disruption.budgets[0].schedule"),
        /names days that none of its months has/,
      );
    });
  }

  const rare = ["0 0 29 2 *", "0 0 30 2,3 *", "0 0 30 2 mon", "0 0 30 2 */2", "0 0 28-31 2 *", "0 0 31 */2 *"];
  for (const schedule of ["@daily", "0 7 * * mon-fri", "*/15 9-17 1,15 jan,JUL 0-6", "5/10 0 31 12 sun", ...rare]) {
    it(`takes a budget's schedule: ${schedule}`, () => {
      const faults = faultsAfter(
        (files) => (plain(files).disruption = { budgets: [{ nodes: "0", schedule, duration: "8h" }] }),
      );
      assert.deepEqual(faults, []);
    });
  }

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

  it("refuses a minimum of values that the list does not have, or that the operator does not know", () => {
    const requirement = (operator: string, values: string[], minValues: number) => (files: Files) =>
      (dedicated(files).requirements = [{ key: "zone", operator, values, minValues }]);
    assertFault(
      requirement("In", ["a", "b"], 3),
      place(0, "requirements[0].minValues"),
      /more than there are/,
      /2 or less/,
    );
    assertFault(requirement("NotIn", ["a"], 1), place(0, "requirements[0].minValues"), /no meaning with NotIn/);
    assert.deepEqual(faultsAfter(requirement("In", ["a", "b"], 2)), []);
  });

  for (const key of [
    "node-restriction.kubernetes.io/ollama-pool",
    "ollama-platform.io/pool",
    "node.kubernetes.io/unreachable",
    "node-role.kubernetes.io/control-plane",
  ]) {
    for (const list of ["taints", "startupTaints"]) {
      it(`refuses ${key} among ${list}`, () => {
        assertFault(
          (files) => (dedicated(files)[list] = [{ key, effect: "NoSchedule" }]),
          place(0, `${list}[0].key`),
          /set by the platform|taint of Kubernetes itself/,
        );
      });
    }
  }

  it("accepts the vendor's taint on nodes that exist already, and refuses it twice", () => {
    const sku = { key: "sku", value: "gpu", effect: "NoSchedule" };
    assert.deepEqual(
      faultsAfter((files) => (slices(files).taints = [sku])),
      [],
    );
    assertFault((files) => (slices(files).taints = [sku, sku]), place(1, "taints[1].key"), /listed twice/);
    assertFault(
      (files) => (slices(files).startupTaints = [sku]),
      place(1, "startupTaints"),
      /no effect on nodes that exist already/,
    );
  });

  it("refuses reserved capacity that no reservation selects, and reservations that nothing uses", () => {
    const aws = {
      amiAlias: "bottlerocket@1.50.0",
      role: "nodes",
      subnetTags: { a: "b" },
      securityGroupTags: { a: "b" },
    };
    const onAws = (change: object) => (files: Files) =>
      Object.assign(dedicated(files), { backend: "karpenter-aws", aws, nodeClass: undefined, ...change });
    const reserved = { capacityTypes: ["reserved"] };
    const tags = { aws: { ...aws, reservationTags: { team: "models" } } };
    assertFault(onAws(reserved), place(0, "aws.reservationTags"), /no reservation would be used/);
    assertFault(onAws(tags), place(0, "aws.reservationTags"), /no effect/);
    assertFault(onAws({ ...tags, ...reserved, spot: true }), place(0, "spot"), /says it already/);
    assertFault(
      (files) => Object.assign(dedicated(files), reserved),
      place(0, "capacityTypes[0]"),
      /not a capacity type/,
    );
    assert.deepEqual(faultsAfter(onAws({ ...tags, ...reserved })), []);
  });

  it("refuses a node that ends before its pods' answers, and half of a schedule", () => {
    assertFault(
      (files) => (dedicated(files).disruption = { terminationGracePeriod: "9m59s" }),
      place(0, "disruption.terminationGracePeriod"),
      /cut off/,
      /`10m` or more/,
    );
    assert.deepEqual(
      faultsAfter((files) => (dedicated(files).disruption = { terminationGracePeriod: "10m" })),
      [],
    );
    assertFault(
      (files) => (dedicated(files).disruption = { budgets: [{ nodes: 0, schedule: "@daily" }] }),
      place(0, "disruption.budgets[0].duration"),
      /missing beside `schedule`/,
    );
    assertFault(
      (files) => (dedicated(files).disruption = { expireAfter: "30m" }),
      place(0, "disruption.expireAfter"),
      /within the hour/,
    );
  });

  it("refuses what has no effect on a fixed number of nodes", () => {
    assertFault(
      (files) => Object.assign(dedicated(files), { fixedNodes: 1, disruption: { consolidateAfter: "10m" } }),
      place(0, "disruption.consolidateAfter"),
      /no effect on a pool with a fixed number/,
    );
    assertFault((files) => (slices(files).fixedNodes = 1), place(1, "fixedNodes"), /no effect on nodes that exist/);
  });

  it("refuses agents that leave nothing of a node, and amounts of a node whose size is not said", () => {
    const sized = (change: object) => (files: Files) =>
      Object.assign(dedicated(files), { nodeCpu: "16", nodeMemory: "64Gi", ...change });
    assertFault(sized({ nodeAgents: { cpu: "16" } }), place(0, "nodeAgents.cpu"), /leaves nothing/);
    assertFault(
      (files) => {
        delete dedicated(files).nodeCpu;
        dedicated(files).nodeSystem = { cpu: "1" };
      },
      place(0, "nodeSystem.cpu"),
      /no effect without `nodeCpu`/,
    );
    assert.deepEqual(faultsAfter(sized({ nodeAgents: { cpu: "1", memory: "2Gi" }, nodeSystem: { cpu: "100m" } })), []);
  });

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
