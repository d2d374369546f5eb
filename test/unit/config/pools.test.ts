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

describe("placement", () => {
  const server = (change: object) => (files: Files) => Object.assign(files.tenants["hr"].spec.server, change);
  const hr = (way: string) => `tenants/test/hr.yaml: spec.${way}`;

  it("refuses an unknown node pool and proposes the closest that is open to the tenant", () => {
    assertFault(server({ nodePool: "plane" }), hr("server.nodePool"), /not a node pool/, /`plain`/);
    assertFault(server({ nodePool: "finance-gpus" }), hr("server.nodePool"), /not a node pool/, /name a pool/);
  });

  it("refuses a pool that is dedicated to another tenant", () => {
    assertFault(server({ nodePool: "finance-gpu" }), hr("server.nodePool"), /dedicated to the tenant finance/);
  });

  it("refuses GPUs without a pool, on a pool without GPUs, and more than a node has", () => {
    const gpus = (change: object) => (files: Files) => {
      server(change)(files);
      delete files.tenants["hr"].spec.autoscaling;
    };
    assertFault(gpus({ gpus: 1 }), hr("server.gpus"), /no node pool is named/);
    assertFault(gpus({ gpus: 1, nodePool: "plain" }), hr("server.gpus"), /plain have none/);
    assertFault(gpus({ gpus: 8, nodePool: "slices" }), hr("server.gpus"), /one node/, /7/);
  });

  it("refuses an isolation level that needs nodes of the tenant's own on others", () => {
    for (const level of ["dedicated-nodes", "sandboxed"]) {
      assertFault(
        ({ tenants }) => (tenants["hr"].spec.isolationLevel = level),
        hr("isolationLevel"),
        /no node pool is named/,
      );
      assertFault(
        (files) => {
          server({ nodePool: "plain" })(files);
          files.tenants["hr"].spec.isolationLevel = level;
        },
        hr("isolationLevel"),
        /plain is shared/,
      );
    }
  });

  it("proposes the tenant's own pool for such an isolation level", () => {
    assertFault(
      ({ tenants }) => {
        tenants["finance"].spec.server = {};
        delete tenants["finance"].spec.autoscaling;
      },
      "tenants/test/finance.yaml: spec.isolationLevel",
      /no node pool is named/,
      /server\.nodePool: finance-gpu/,
    );
  });

  it("refuses the level sandboxed on a cluster without sandbox", () => {
    assertFault(
      ({ config, tenants }) => {
        tenants["finance"].spec.isolationLevel = "sandboxed";
        delete config.cluster.sandboxRuntimeClass;
      },
      "tenants/test/finance.yaml: spec.isolationLevel",
      /RuntimeClass/,
      /sandboxRuntimeClass/,
    );
    assert.deepEqual(
      faultsAfter(({ tenants }) => (tenants["finance"].spec.isolationLevel = "sandboxed")),
      [],
    );
  });
});
