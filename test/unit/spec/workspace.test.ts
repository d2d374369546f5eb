import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, placeOf, type Files } from "../config/fixture";

const WORKSPACE = { developers: ["hr-developers"], images: ["registry.example.com/hr"] };
const place = (way = ""): string => hrPlace(`workspace${way}`);
const issuer = { url: "https://issuer.example.com", jwks: { keys: [] as object[] } };

/** HR with a workspace in an environment that may have one, and one thing that differs. */
const workspace =
  (change: object = {}, edit: (files: Files) => void = () => undefined) =>
  (files: Files): void => {
    files.config.cluster.guard = { deployers: ["deployer"] };
    files.tenants["hr"].spec.workspace = { ...WORKSPACE, ...change };
    edit(files);
  };

describe("a workspace", () => {
  it("needs developers and images, and nothing else", () => {
    assert.deepEqual(faultsAfter(workspace()), []);
  });

  it("is refused without the guard, and with a guard that lets everything pass", () => {
    const without = workspace({}, ({ config }) => delete config.cluster.guard);
    assertFault(without, place(), /needs the admission guard, and the environment has none/);
    const onTrial = workspace({}, ({ config }) => (config.cluster.guard.mode = "warn"));
    assertFault(onTrial, place(), /guard, which is on trial/);
  });

  it("is refused where the tenant's pods may not share nodes", () => {
    const dedicated = (files: Files): void => {
      files.config.cluster.guard = { deployers: ["deployer"] };
      files.tenants["finance"].spec.isolationLevel = "dedicated-nodes";
      files.tenants["finance"].spec.workspace = {
        ...WORKSPACE,
        developers: ["finance-developers"],
        quota: { cpu: "1", memory: "1Gi", ephemeralStorage: "1Gi", storage: "1Gi", pods: 1 },
      };
    };
    assertFault(dedicated, financePlace("workspace"), /runs on nodes without a pool/);
  });

  for (const group of ["system:authenticated", "hr-*"])
    it(`is refused with the developers ${group}`, () =>
      assertFault(workspace({ developers: [group] }), place(".developers[0]"), /group|letter by letter/));

  it("is refused with another tenant's people as developers", () =>
    assertFault(
      workspace({ developers: ["finance-analysts"] }),
      place(".developers[0]"),
      /group of the tenant finance as well/,
    ));

  it("may have the tenant's operators as developers", () => {
    const both = workspace({ developers: ["hr-people"] }, ({ tenants }) =>
      Object.assign(tenants["hr"].spec, { access: { operators: ["hr-people"] } }),
    );
    assert.deepEqual(faultsAfter(both), []);
  });

  for (const image of [
    "nginx",
    "hr/helpdesk",
    "registry.example.com/hr/",
    "registry.example.com/hr:1",
    "registry.example.com/hr@sha256:00",
    "registry.example.com/*",
    "*",
    "https://registry.example.com/hr",
    "registry.example.com/HR",
    "registry.example.com//hr",
    "registry.example.com/../hr",
  ])
    it(`is refused with images of ${image}`, () =>
      assertFault(workspace({ images: [image] }), place(".images[0]"), /not a registry or the beginning/));

  for (const image of [
    "registry.example.com",
    "registry.example.com:5000/hr",
    "localhost:5000",
    "docker.io/library/nginx",
  ])
    it(`may run images of ${image}`, () => assert.deepEqual(faultsAfter(workspace({ images: [image] })), []));

  /** HR's places of images beside another tenant's, whose workspace is the same in all else. */
  const beside = (others: string[], own: string[]) =>
    workspace({ images: own }, ({ tenants }) => {
      tenants["legal"] = {
        ...structuredClone(tenants["hr"]),
        metadata: { name: "legal" },
        spec: {
          models: { allow: tenants["hr"].spec.models.allow },
          workspace: { developers: ["legal-developers"], images: others },
        },
      };
    });

  for (const [others, own] of [
    ["registry.example.com/hr", "registry.example.com/hr"],
    ["registry.example.com", "registry.example.com/hr"],
    ["registry.example.com/hr/apps", "registry.example.com/hr"],
    ["registry.example.com:443/hr", "registry.example.com/hr"],
    ["index.docker.io/hr", "docker.io/hr/helpdesk"],
  ] as const)
    it(`of one tenant with ${own} keeps another from ${others}`, () => {
      const faults = faultsAfter(beside(["quay.example.com/legal", others], [own]));
      assert.equal(faults.length, 1, JSON.stringify(faults));
      assert.match(placeOf(faults[0] ?? assert.fail()), /legal\.yaml.*workspace\.images\[1\]/);
      assert.match(faults[0]?.problem ?? "", /in common with .* of the tenant hr/);
    });

  for (const others of [
    "registry.example.com/hr-copy",
    "registry.example.com:5000/hr",
    "registry.example.com/legal/hr",
  ])
    it(`of one tenant with registry.example.com/hr leaves another ${others}`, () =>
      assert.deepEqual(faultsAfter(beside([others], ["registry.example.com/hr"])), []));

  it("is refused with accounts where nobody knows the issuer of their tokens", () =>
    assertFault(workspace({ serviceAccounts: ["helpdesk"] }), place(".serviceAccounts"), /issuer/));

  it("is refused with the account of every pod, and with the name of another client", () => {
    const issued = ({ config, tenants }: Files): void => {
      config.cluster.serviceAccountIssuer = issuer;
      tenants["hr"].spec.access = { clients: [{ name: "portal" }] };
    };
    const faults = (name: string) =>
      faultsAfter(workspace({ serviceAccounts: [name] }, issued)).filter((fault) =>
        placeOf(fault).includes("workspace"),
      );
    assert.match(faults("default")[0]?.problem ?? "", /every pod that names none/);
    assert.match(faults("portal")[0]?.problem ?? "", /name of another client/);
    assert.deepEqual(faults("helpdesk"), []);
  });

  it("takes its part of the quota that the tenant declares, and leaves room for a replica", () => {
    const quota = (cpu: string, pods: number) =>
      workspace({ quota: { cpu: "2", pods: 4 } }, ({ tenants }) => {
        tenants["hr"].spec.server = { ...tenants["hr"].spec.server, cpu: "1" };
        tenants["hr"].spec.autoscaling = { minReplicas: 1, maxReplicas: 1 };
        tenants["hr"].spec.quota = { cpu, pods };
      });
    assert.deepEqual(faultsAfter(quota("4", 6)), []);
    assertFault(quota("3", 6), hrPlace("quota.cpu"), /one replica and the workspace together/);
    assertFault(quota("4", 4), hrPlace("quota.pods"), /one replica and the workspace together/);
  });

  it("is refused with an amount that is none", () =>
    assertFault(workspace({ quota: { memory: "4" } }), place(".quota.memory"), /too little to be meant/));

  it("keeps its namespace from being another tenant's", () => {
    const collides = workspace({}, ({ tenants }) => {
      tenants["hr-apps"] = { ...structuredClone(tenants["hr"]), metadata: { name: "hr-apps" } };
      for (const key of ["access", "ingress", "workspace"]) delete tenants["hr-apps"].spec[key];
    });
    const [fault] = faultsAfter(collides);
    assert.match(fault?.problem ?? "", /workspace of another tenant/);
    const alone = (files: Files): void => {
      collides(files);
      delete files.tenants["hr"].spec.workspace;
    };
    assert.deepEqual(faultsAfter(alone), []);
  });

  it("lends its accounts to clients with limits of their own, and no other accounts", () => {
    const client = (name: string) =>
      workspace({ serviceAccounts: ["helpdesk"] }, ({ tenants, config }) => {
        config.cluster.serviceAccountIssuer = issuer;
        tenants["hr"].spec.access = {
          clients: [{ name: "desk", maxTokens: 256, serviceAccount: { namespace: "tenant-hr-apps", name } }],
        };
      });
    const ofClients = (name: string) => faultsAfter(client(name)).filter((fault) => placeOf(fault).includes("clients"));
    assert.deepEqual(ofClients("helpdesk"), []);
    assert.match(ofClients("other")[0]?.problem ?? "", /no ServiceAccount of the workspace/);
  });
});
