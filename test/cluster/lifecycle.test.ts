import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import * as path from "node:path";
import { administratorApi, type Manifest } from "../../tools/local-cluster/api";
import { createAuthority, issueCertificate, readCredential } from "../../tools/local-cluster/certificates";
import { clusterStatus, resetCluster, stopCluster } from "../../tools/local-cluster/cluster";
import { writePrivateFile } from "../../tools/local-cluster/files";
import { authorities } from "../../tools/local-cluster/pki";
import { clusterProcesses, processMarks } from "../../tools/local-cluster/processes";
import { readState } from "../../tools/local-cluster/state";
import { kubectlJson, kubectlWith } from "../support/kubectl";
import { eventually } from "../support/wait";
import {
  componentNames,
  type LifecycleFixture,
  openLifecycleFixture,
  rawRequest,
  runCommandLine,
} from "./lifecycle-fixture";

describe("the local cluster's life", () => {
  let fixture: LifecycleFixture;

  before("provide the tools", async () => {
    fixture = await openLifecycleFixture();
  });
  after(() => fixture?.close());

  const kubectl = (...args: string[]) => kubectlWith(fixture.tools, fixture.layout.adminKubeconfig)(...args);

  it("is absent before its first start", async () => {
    assert.equal((await clusterStatus({ directory: fixture.directory })).state, "absent");
  });

  it("starts from nothing, says how long that took, and outlives the command that started it", async () => {
    const output = await runCommandLine(fixture, "start");
    assert.match(output, /^ready after [\d.]+ s: https:\/\/127\.0\.0\.1:\d+$/m);
    console.log(`      cold start: ${/^ready after [\d.]+ s/m.exec(output)?.[0]}`);
    assert.deepEqual(await fixture.faults(), []);
    const nodes = await kubectlJson<{ items: { metadata: { name: string } }[] }>(kubectl, "get", "nodes");
    assert.equal(nodes.items.length, 2);
  });

  it("keeps every file to its owner", () => {
    const open = readdirSync(fixture.directory, { recursive: true, encoding: "utf8" })
      .map((file) => path.join(fixture.directory, file))
      .filter((file) => (statSync(file).mode & 0o077) !== 0);
    assert.deepEqual(open, []);
  });

  it("leaves everything alone when it is started again", async () => {
    const [pids, version] = [fixture.pids(), await resourceVersions()];
    const { reported } = await fixture.start();
    assert.deepEqual(fixture.pids(), pids);
    assert.deepEqual(await resourceVersions(), version);
    assert.deepEqual(reported, []);
  });

  const resourceVersions = async () => {
    const kinds = "customresourcedefinitions,namespaces,storageclasses,clusterrolebindings";
    const { items } = await kubectlJson<{ items: { metadata: { name: string; resourceVersion: string } }[] }>(
      kubectl,
      "get",
      kinds,
    );
    return items.map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`);
  };

  it("brings back its own objects that a person changed or deleted", async () => {
    const binding = ["clusterrolebinding", "local-cluster-simulators"];
    const simulators = async () =>
      (await kubectlJson<{ subjects: { name: string }[] }>(kubectl, "get", ...binding)).subjects.map(
        ({ name }) => name,
      );
    const before = await simulators();
    await kubectl("patch", ...binding, "--type=merge", "--patch", JSON.stringify({ subjects: [] }));
    await fixture.start();
    assert.deepEqual(await simulators(), before);
    await kubectl("delete", ...binding);
    await fixture.start();
    assert.deepEqual(await simulators(), before);
  });

  it("takes away what an object of its own is not given any more", async () => {
    const api = administratorApi({
      layout: fixture.layout,
      server: () => `https://127.0.0.1:${fixture.port("kube-apiserver")}`,
    });
    const metadata = { name: "given", namespace: "default" };
    const map = (data: Record<string, string>): Manifest => ({ apiVersion: "v1", kind: "ConfigMap", metadata, data });
    const found = async () => (await kubectlJson<{ data: object }>(kubectl, "get", "configmap", "given")).data;
    await api.apply(map({ a: "1", b: "2" }));
    assert.deepEqual(await found(), { a: "1", b: "2" });
    await api.apply(map({ a: "1" }));
    assert.deepEqual(await found(), { a: "1" });
  });

  const clients: string[] = componentNames.filter((name) => name !== "etcd" && name !== "kube-apiserver");

  for (const component of componentNames) {
    it(`names ${component} when it was killed, and the next start brings back that one only`, async () => {
      const before = fixture.pids();
      process.kill(fixture.pid(component), "SIGKILL");
      await eventually(`${component} to be gone`, 10, async () =>
        fixture.pids()[component] === undefined ? true : undefined,
      );
      assert.ok((await fixture.faults()).includes(`${component}: stopped`));
      const output = await runCommandLine(fixture, "status").catch((error: { stdout: string }) => error.stdout);
      assert.match(output, new RegExp(`^ +${component} +stopped`, "m"));
      await fixture.start();
      assert.deepEqual(await fixture.faults(), []);
      const changed = componentNames.filter((name) => fixture.pids()[name] !== before[name]);
      assert.ok(changed.includes(component));
      // Clients of the API server may end by themselves while it is away.
      const mayEnd = ["etcd", "kube-apiserver"].includes(component) ? clients : [];
      assert.deepEqual(
        changed.filter((name) => name !== component && !mayEnd.includes(name)),
        [],
      );
    });
  }

  it("restarts a component that hangs", async () => {
    const hanging = fixture.pid("kwok");
    process.kill(hanging, "SIGSTOP");
    assert.deepEqual(await fixture.faults(), ["kwok: not ready"]);
    await fixture.start(5);
    assert.deepEqual(await fixture.faults(), []);
    assert.notEqual(fixture.pid("kwok"), hanging);
  });

  it("ends every process of its own and no other, and keeps the data", async () => {
    await kubectl("create", "configmap", "kept", "--from-literal=a=b");
    // The same component of another cluster, as a reused process id or a careless pattern would hit it.
    const stranger = spawn("sleep", ["600"], {
      env: markedEnvironment(`${fixture.directory}-other`, "other"),
      stdio: "ignore",
    });
    try {
      await stopCluster({ directory: fixture.directory });
      assert.deepEqual(clusterProcesses(fixture.directory), []);
      assert.equal(stranger.exitCode ?? stranger.signalCode, null);
      assert.equal((await clusterStatus({ directory: fixture.directory })).state, "stopped");
    } finally {
      stranger.kill();
    }
    await stopCluster({ directory: fixture.directory });
  });

  it("takes another port when its own is busy, remembers it, and leaves the other program alone", async () => {
    const before = { server: fixture.port("kube-apiserver"), etcd: fixture.port("etcd") };
    const squatters = await Promise.all([listenOn(before.server), listenOn(before.etcd)]);
    try {
      const { server, reported } = await fixture.start();
      assert.notEqual(fixture.port("kube-apiserver"), before.server);
      assert.notEqual(fixture.port("etcd"), before.etcd);
      assert.equal(server, `https://127.0.0.1:${fixture.port("kube-apiserver")}`);
      assert.ok(reported.some((line) => line.startsWith(`port ${before.server} of kube-apiserver is taken`)));
      assert.deepEqual(await fixture.faults(), []);
      assert.match((await kubectl("get", "configmap", "kept")).stdout, /kept/);
      assert.ok(squatters.every((squatter) => squatter.listening));
    } finally {
      squatters.forEach((squatter) => squatter.close());
    }
    const moved = fixture.port("kube-apiserver");
    await stopCluster({ directory: fixture.directory });
    await fixture.start();
    assert.equal(fixture.port("kube-apiserver"), moved);
  });

  it("reissues certificates that expired, were lost or belong to another key", async () => {
    const { layout } = fixture;
    const authority = readCredential(layout, authorities.cluster);
    const expired = await issueCertificate(authority, { commonName: "kube-apiserver", hosts: ["127.0.0.1"] }, -1000);
    writePrivateFile(layout.certificate("kube-apiserver"), expired.certificate);
    writePrivateFile(layout.key("kube-apiserver"), expired.key);
    rmSync(layout.certificate("admin"));
    rmSync(layout.key("kube-scheduler"));
    writePrivateFile(layout.key("kwok"), readCredential(layout, "karpenter").key);
    await fixture.start();
    assert.deepEqual(await fixture.faults(), []);
    assert.equal((await kubectl("get", "nodes")).code, 0);
  });

  it("makes a new authority when the old one is lost, and all certificates with it", async () => {
    rmSync(fixture.layout.key(authorities.cluster));
    await fixture.start();
    assert.deepEqual(await fixture.faults(), []);
    assert.equal((await kubectl("get", "nodes")).code, 0);
  });

  it("does not start on encrypted data whose key is lost", async () => {
    const file = fixture.layout.config("encryption.yaml");
    renameSync(file, `${file}.away`);
    await assert.rejects(fixture.start(), /encryption\.yaml: the key of the Secrets in .* is missing/);
    renameSync(`${file}.away`, file);
    await fixture.start();
    assert.deepEqual(await fixture.faults(), []);
  });

  it("goes on where a start was killed half-way", async () => {
    await stopCluster({ directory: fixture.directory });
    const starter = spawn(process.execPath, fixture.commandLine("start"), { stdio: "ignore" });
    const ended = new Promise((resolve) => starter.once("exit", resolve));
    await eventually("the API server's process", 60, async () => fixture.pids()["kube-apiserver"]);
    starter.kill("SIGKILL");
    await ended;
    const survivor = fixture.pid("etcd");
    await fixture.start();
    assert.equal(fixture.pid("etcd"), survivor);
    assert.deepEqual(await fixture.faults(), []);
    const components = clusterProcesses(fixture.directory).map(({ component }) => component);
    assert.deepEqual(components.sort(), [...componentNames].sort());
  });

  it("serves two starts at the same time one after the other", async () => {
    await stopCluster({ directory: fixture.directory });
    const [first, second] = await Promise.all([fixture.start(), fixture.start()]);
    assert.equal(first.server, second.server);
    assert.equal(clusterProcesses(fixture.directory).length, componentNames.length);
  });

  it("ends what is left of a cluster whose directory was removed under it", async () => {
    const old = readState(fixture.layout)?.id;
    const left = fixture.pids();
    rmSync(fixture.directory, { recursive: true });
    await fixture.start();
    assert.notEqual(readState(fixture.layout)?.id, old);
    assert.ok(componentNames.every((name) => fixture.pids()[name] !== left[name]));
    assert.equal(clusterProcesses(fixture.directory).length, componentNames.length);
  });

  it("refuses clients without a certificate or with one of another authority", async () => {
    const url = `https://127.0.0.1:${fixture.port("kube-apiserver")}/api/v1/namespaces`;
    const forger = await createAuthority("local-cluster-ca");
    const forged = await issueCertificate(forger, { commonName: "x", organizations: ["system:masters"], client: true });
    assert.equal((await rawRequest(fixture.layout, url, { name: "admin" })).status, 200);
    assert.equal((await rawRequest(fixture.layout, url, {})).status, 401);
    assert.equal((await rawRequest(fixture.layout, url, { credential: forged })).status, 401);
  });

  it("leaves neither process nor file after a reset, also of a damaged cluster", async () => {
    writePrivateFile(fixture.layout.stateFile, "{");
    await assert.rejects(fixture.start(), /state\.json: not valid JSON/);
    await resetCluster({ directory: fixture.directory });
    assert.deepEqual(clusterProcesses(fixture.directory), []);
    assert.equal(existsSync(fixture.directory), false);
    assert.equal((await clusterStatus({ directory: fixture.directory })).state, "absent");
  });
});

function markedEnvironment(directory: string, clusterId: string): Record<string, string> {
  return {
    [processMarks.directory]: directory,
    [processMarks.clusterId]: clusterId,
    [processMarks.component]: "etcd",
    [processMarks.configuration]: "none",
  };
}

function listenOn(port: number): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
