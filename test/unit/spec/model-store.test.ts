import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, stackPlace, type Files } from "../config/fixture";

/** The compliant environment with a shared store, changed. */
const withStore =
  (change: (store: Files["config"]) => void) =>
  ({ config }: Files) => {
    config.modelStore = {
      size: "500Gi",
      volume: { nfs: { server: "nfs.example.com", path: "/models" } },
      registries: [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }],
    };
    change(config.modelStore);
  };
const place = (way: string) => stackPlace(`modelStore.${way}`);

/** The compliant environment with a store for each tenant, changed. */
const withOwnStores =
  (change: (files: Files) => void) =>
  (files: Files): void => {
    files.config.modelStore = {
      mode: "dedicated",
      accessMode: "ReadWriteOnce",
      registries: [{ host: "registry.ollama.ai", cidrs: ["203.0.113.0/28"] }],
    };
    for (const tenant of Object.values(files.tenants)) {
      (tenant as Files["config"]).spec.autoscaling = { minReplicas: 1, maxReplicas: 1 };
    }
    change(files);
  };

describe("the model store", () => {
  it("may be on a volume that one node mounts, where no tenant has more than one replica", () => {
    assert.deepEqual(faultsAfter(withOwnStores(() => undefined)), []);
    assertFault(
      withOwnStores(({ tenants }) => (tenants["hr"].spec.autoscaling = { maxReplicas: 2 })),
      hrPlace("autoscaling.maxReplicas"),
      /asks for replicas on several nodes/,
      /`maxReplicas: 1`/,
    );
    assert.deepEqual(
      faultsAfter(
        withOwnStores(({ config, tenants }) => {
          config.modelStore.accessMode = "ReadWriteMany";
          tenants["hr"].spec.autoscaling = { maxReplicas: 2 };
        }),
      ),
      [],
    );
    assertFault(
      withStore((store) => (store.accessMode = "ReadWriteOnce")),
      place("accessMode"),
      /is for dedicated stores/,
    );
  });

  it("on one node is out of reach of tenants on a pool, and in reach of the others", () => {
    const onNode = (node?: string) => withStore((store) => (store.volume = { local: { path: "/models", node } }));
    assertFault(onNode("node-1"), financePlace("server.nodePool"), /keeps the servers off node-1/);
    assert.deepEqual(faultsAfter(onNode()), []);
  });

  for (const [size, fix] of [
    [500, /`500Gi`/],
    ["500", /`500Gi`/],
    ["500m", /`500Mi`/],
  ] as const) {
    it(`is refused with the size ${JSON.stringify(size)}, which is too little to be meant`, () => {
      assertFault(
        withStore((store) => (store.size = size)),
        place("size"),
        /too little to be meant/,
        fix,
      );
    });
  }

  it("is refused with a size that no environment has", () => {
    assertFault(
      withStore((store) => (store.size = "5Ei")),
      place("size"),
      /too large to be meant|more than there can be/,
    );
  });

  it("is refused with names that are none", () => {
    for (const key of ["credentialsSecret", "certificateAuthorityConfigMap"]) {
      assertFault(
        withStore((store) => (store[key] = "No Name")),
        place(key),
        /form/,
      );
    }
  });

  it("is refused with the registry of a model missing, which the fix names", () => {
    assertFault(
      (files) => {
        withStore(() => undefined)(files);
        files.config.models[0].source = "registry.example.com:5000/llama3.1:8b";
      },
      place("registries"),
      /^has no registry\.example\.com:5000/,
      /`host: registry\.example\.com:5000`/,
    );
  });

  it("is refused with a range that holds a metadata service's address, and with an address for a range", () => {
    const cidrs = (range: string) => withStore((store) => (store.registries[0].cidrs = [range]));
    assertFault(cidrs("169.254.169.254/32"), place("registries[0].cidrs[0]"), /^lies in 169\.254\.0\.0\/16/);
    assertFault(cidrs("203.0.113.7/28"), place("registries[0].cidrs[0]"), /host bits/, /`203\.0\.113\.0\/28`/);
  });
});
