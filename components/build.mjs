// Compiles the package into `bin/`, and puts beside the compiled code the files that it reads at run time.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The compiler leaves out JSON files that lie below a folder `node_modules`, as they do where the package is installed.
const DATA_FILES = [
  "config/stack.schema.json",
  "config/tenant.schema.json",
  "gateway/lua",
  "gateway/drain.sh",
  "store/loader",
];

const root = dirname(fileURLToPath(import.meta.url));
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

rmSync(join(root, "bin"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, "--project", root], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
// The monitor's program is made of the verifier, which is in the repository and not in the package; `npm run bundle` makes it.
const MADE_FILES = ["monitor/bin"].filter((name) => existsSync(join(root, name)));
for (const name of [...DATA_FILES, ...MADE_FILES])
  cpSync(join(root, name), join(root, "bin", name), { recursive: true });
