import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import {
  clusterProcesses,
  type ClusterProcess,
  endProcesses,
  isAlive,
  mainProcess,
  startInBackground,
} from "../../../tools/local-cluster/processes";
import { eventually } from "../../support/wait";

describe("processes of the local cluster", function () {
  if (process.platform !== "linux") return;
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "ollama-platform-processes-"));
  });
  afterEach(async () => {
    await endProcesses(clusterProcesses(directory), 1);
    rmSync(directory, { recursive: true, force: true });
  });

  const start = (script: string, component = "a", environment: Record<string, string> = {}) =>
    startInBackground({
      executable: "/bin/sh",
      args: ["-c", script],
      environment: { PATH: "/usr/bin:/bin", ...environment },
      logFile: path.join(directory, `${component}.log`),
      identity: { directory, clusterId: "id", component, configuration: "digest" },
    });

  it("are found by their marks, with all that they start", async () => {
    const started = await start("sleep 60 & sleep 60");
    await eventually("the children", 5, async () => (clusterProcesses(directory).length === 3 ? true : undefined));
    assert.deepEqual(mainProcess(clusterProcesses(directory), "a"), started);
    assert.equal(started.configuration, "digest");
    assert.deepEqual(clusterProcesses(`${directory}-other`), []);
  });

  it("lead a session of their own and inherit nothing from the command that starts them", async () => {
    process.env["OLLAMA_PLATFORM_TEST_LEAK"] = "leak";
    try {
      const { pid } = await start("exec sleep 60");
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      assert.deepEqual([Number(stat[2]), Number(stat[3])], [pid, pid]);
      assert.ok(!readFileSync(`/proc/${pid}/environ`, "utf8").includes("OLLAMA_PLATFORM_TEST_LEAK"));
    } finally {
      delete process.env["OLLAMA_PLATFORM_TEST_LEAK"];
    }
  });

  it("are not mistaken for a later process with the same id", async () => {
    const started = await start("exec sleep 60");
    assert.ok(isAlive(started));
    const earlier: ClusterProcess = { ...started, startTime: "1" };
    assert.ok(!isAlive(earlier));
    await endProcesses([earlier], 1);
    assert.ok(isAlive(started));
  });

  it("get time to end by themselves", async () => {
    const started = await start(
      `trap 'echo bye > ${directory}/bye; exit 0' TERM; touch ${directory}/up; while :; do sleep 0.05; done`,
    );
    await eventually("the trap", 5, async () => (existsSync(path.join(directory, "up")) ? true : undefined));
    await endProcesses([started], 5);
    assert.ok(existsSync(path.join(directory, "bye")));
    assert.ok(!isAlive(started));
  });

  it("are ended the hard way when they ignore the request", async () => {
    const started = await start(`trap '' TERM; touch ${directory}/up; while :; do sleep 0.05; done`);
    await eventually("the trap", 5, async () => (existsSync(path.join(directory, "up")) ? true : undefined));
    await endProcesses([started], 0.3);
    assert.ok(!isAlive(started));
  });

  it("write to their log, and the log of the run before is kept", async () => {
    const log = path.join(directory, "a.log");
    for (const word of ["one", "two"]) {
      const started = await start(`echo ${word}`);
      await eventually("its end", 5, async () => (isAlive(started) ? undefined : true));
    }
    assert.equal(readFileSync(log, "utf8"), "two\n");
    assert.equal(readFileSync(`${log}.previous`, "utf8"), "one\n");
  });

  it("that cannot be executed are an error", async () => {
    const identity = { directory, clusterId: "id", component: "a", configuration: "digest" };
    const missing = {
      executable: "/no/such/program",
      args: [],
      environment: {},
      logFile: path.join(directory, "a.log"),
      identity,
    };
    await assert.rejects(startInBackground(missing), /ENOENT/);
  });
});
