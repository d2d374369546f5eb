import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { cacheRoot, exists, publish, workFolder } from "./cache";
import { ensureDebianPackages } from "./debian";
import { ToolError } from "./errors";
import { STRIPPED } from "./go-flags";
import type { GoModule, Tool } from "./types";

const run = promisify(execFile);

const OLLAMA_VERSION = "0.17.4";

/** The audio library that the multimodal part of Ollama includes; its Go module leaves it out, as a vendored file. */
const MINIAUDIO = { version: "1.71", sha256: "ac7af4de748b7e26b777f37e01cee313a308a7296a3eb080e2906b320cc55c89" };

/** Inference on the CPU is several times faster with vector instructions, and a program with them runs on no CPU without. */
function vectorFlags(): string {
  if (process.arch !== "x64" || process.platform !== "linux") return "-O3";
  return /\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8")) ? "-O3 -march=x86-64-v3" : "-O3";
}

/** Headers that the Ollama module lacks: two are Debian packages, one comes out of a Python package. */
async function prepareOllama(): Promise<Record<string, string>> {
  await ensureDebianPackages(
    [
      { name: "nlohmann-json3-dev", provides: "/usr/include/nlohmann/json.hpp" },
      { name: "libstb-dev", provides: "/usr/include/stb/stb_image.h" },
      { name: "g++", provides: "g++" },
    ],
    process.stderr,
  );
  return { CGO_CPPFLAGS: `-I${await miniaudioFolder()}` };
}

/** A folder with `miniaudio/miniaudio.h`. Its path is part of what Go compares with its build cache, so it must not vary. */
async function miniaudioFolder(): Promise<string> {
  const root = cacheRoot();
  const folder = path.join(root, "headers", `miniaudio-${MINIAUDIO.version}`);
  if (await exists(folder)) return folder;
  const work = await workFolder(root);
  try {
    const name = `miniaudio==${MINIAUDIO.version}`;
    const quiet = ["--no-deps", "--no-binary=:all:", "--disable-pip-version-check", "--quiet"];
    await run("python3", ["-m", "pip", "download", name, ...quiet, "--dest", work]);
    await run("tar", ["-xzf", `miniaudio-${MINIAUDIO.version}.tar.gz`], { cwd: work });
    const header = path.join(work, `miniaudio-${MINIAUDIO.version}`, "miniaudio", "miniaudio.h");
    const content = await fs.readFile(header);
    const found = createHash("sha256").update(content).digest("hex");
    if (found !== MINIAUDIO.sha256) throw new Error(`miniaudio.h has the SHA-256 ${found}, not ${MINIAUDIO.sha256}`);
    const finished = path.join(work, "finished");
    await fs.mkdir(path.join(finished, "miniaudio"), { recursive: true });
    await fs.writeFile(path.join(finished, "miniaudio", "miniaudio.h"), content);
    await publish(finished, folder);
    return folder;
  } catch (error) {
    throw new ToolError(
      `Cannot get the header miniaudio.h for Ollama: ${(error as Error).message}\n` +
        "Fix: install Python 3 with pip, check that pip reaches its package index, and run again.",
    );
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
}

/** Go modules of the programs that only a real node needs. */
export const nodeModules = {
  coredns: { ldflags: STRIPPED },
  // On the libraries of its time: with later ones it does not find the models of its own API.
  "metrics-server": { ldflags: STRIPPED },
  probe: { ldflags: STRIPPED },
  ollama: {
    ldflags: [
      ...STRIPPED,
      `-X github.com/ollama/ollama/version.Version=${OLLAMA_VERSION}`,
      "-X github.com/ollama/ollama/server.mode=release",
    ],
    env: { CGO_ENABLED: "1", CGO_CFLAGS: vectorFlags(), CGO_CXXFLAGS: vectorFlags() },
    prepare: prepareOllama,
  },
} satisfies Record<string, GoModule>;

/** Programs that only a real node needs, beside kubelet and kube-proxy. */
export const nodeTools = {
  coredns: {
    description: "Answers DNS for the pods of the real node.",
    source: { kind: "go", module: "coredns", package: "github.com/coredns/coredns", minutes: 2.5 },
  },
  "metrics-server": {
    description: "Reports the CPU and memory use of real pods, which the autoscaler reads.",
    source: {
      kind: "go",
      module: "metrics-server",
      package: "sigs.k8s.io/metrics-server/cmd/metrics-server",
      minutes: 2,
    },
  },
  "kube-router": {
    description: "Enforces the network policies on the real node.",
    source: {
      kind: "go",
      module: "common",
      package: "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router",
      minutes: 0.5,
    },
  },
  crane: {
    description: "The registry that holds models and images of the local cluster.",
    source: { kind: "go", module: "common", package: "github.com/google/go-containerregistry/cmd/crane", minutes: 0.5 },
  },
  probe: {
    description: "Holds the namespaces of pods, and in tests serves ports and tries connections.",
    source: { kind: "go", module: "probe", package: ".", minutes: 0.5 },
  },
  ollama: {
    description: "Ollama with inference on the CPU built in, for the image that the real node runs.",
    source: { kind: "go", module: "ollama", package: "github.com/ollama/ollama", minutes: 5 },
  },
} satisfies Record<string, Tool>;
