import { spawnSync } from "node:child_process";

const python = spawnSync("python3", ["-c", "import ensurepip, sys, venv; print(*sys.version_info[:2], sys.platform)"], {
  encoding: "utf8",
});
const [, minor] = (python.stdout ?? "").split(" ").map(Number);

/** Version and platform of the machine's Python, such as `3 11 linux`; empty where there is none that serves. */
export const pythonPlatform = python.stdout ?? "";

/** Why Python programs cannot be tried on this machine; undefined when they can. */
export const noPython =
  python.status === 0 && (minor ?? 0) >= 11 ? undefined : "there is no Python 3.11 or later with pip and venv";
