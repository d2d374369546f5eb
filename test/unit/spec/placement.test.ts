import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, type Files } from "../config/fixture";

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
    assertFault(gpus({ gpus: 8, nodePool: "slices" }), hr("server.gpus"), /one MIG slice/, /gpus: 1/);
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
