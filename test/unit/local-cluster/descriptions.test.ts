import { strict as assert } from "node:assert";
import { parse } from "yaml";
import { readFileSync, statSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { userKubeconfig } from "../../../tools/local-cluster/cluster";
import { gpuLabels, instanceTypesFile } from "../../../tools/local-cluster/instance-types";
import { ensurePki } from "../../../tools/local-cluster/pki";
import { scratchLayout } from "./scratch";

interface InstanceType {
  name: string;
  offerings: { Requirements: { key: string; operator: string; values: string[] }[] }[];
  resources: Record<string, string>;
}

describe("instance types of the simulated cloud", () => {
  const types = JSON.parse(instanceTypesFile()) as InstanceType[];

  it("have one and four GPUs, slices and none", () => {
    const gpus = types.map(({ resources }) => resources["nvidia.com/gpu"]);
    assert.ok(gpus.includes("1") && gpus.includes("4") && gpus.includes(undefined));
    assert.ok(types.some(({ resources }) => resources["nvidia.com/mig-1g.10gb"] === "7"));
    assert.equal(new Set(types.map(({ name }) => name)).size, types.length);
  });

  it("say in every offering what a pool may ask for, so that no type fits by silence", () => {
    const wanted = [
      "karpenter.sh/capacity-type",
      "topology.kubernetes.io/zone",
      gpuLabels.product,
      gpuLabels.count,
    ].sort();
    for (const { offerings } of types) {
      for (const { Requirements } of offerings) assert.deepEqual(Requirements.map(({ key }) => key).sort(), wanted);
    }
  });
});

describe("kubeconfigs of users", () => {
  const scratch = scratchLayout();
  const server = "https://127.0.0.1:1";

  it("hold a certificate of the user and the groups, readable by the owner only", async () => {
    const layout = scratch.current();
    await ensurePki(layout, []);
    const file = await userKubeconfig(
      { directory: layout.directory, server },
      { user: "a:b/c", groups: ["x", "y"], lifetimeHours: 1 },
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const config = parse(readFileSync(file, "utf8")) as {
      clusters: { cluster: { server: string } }[];
      users: { user: { "client-certificate-data": string } }[];
    };
    assert.equal(config.clusters[0]?.cluster.server, server);
    const pem = Buffer.from(config.users[0]?.user["client-certificate-data"] ?? "", "base64").toString();
    const subject = new X509Certificate(pem).toLegacyObject().subject;
    assert.equal(subject.CN, "a:b/c");
    assert.deepEqual(subject.O, ["x", "y"]);
    assert.ok(Date.parse(new X509Certificate(pem).validTo) < Date.now() + 2 * 3600 * 1000);
    const other = await userKubeconfig({ directory: layout.directory, server }, { user: "a:b/c", groups: ["x"] });
    assert.notEqual(other, file);
  });

  it("cannot be made before the cluster was started", async () => {
    const layout = scratch.current();
    await assert.rejects(
      userKubeconfig({ directory: layout.directory, server }, { user: "a" }),
      /ca\.crt: certificate or its key is missing/,
    );
  });
});
