import * as fs from "node:fs";
import * as path from "node:path";
import { engineEnvironment, type PulumiOptions, type PulumiResult, runPulumi } from "../../tools/engine";
import { ensureTools } from "../../tools/install";
import { readState, stackFile } from "../../tools/local/state";

const CHECKOUT = path.resolve(__dirname, "..", "..");

/** A copy of the fixtures with a stack of its own, on the real engine. */
export interface Project {
  /** Folder that holds everything of this project; its path occurs in the environment of every process of the engine. */
  readonly folder: string;
  /** Runs `pulumi <args>` in the program's folder. */
  pulumi(args: string[], options?: Partial<PulumiOptions>): Promise<PulumiResult>;
  /** Sets configuration values; with `secret`, encrypted. */
  configure(values: Record<string, string>, secret?: boolean): Promise<void>;
  /** The stack's state as the backend keeps it. */
  state(): string;
  remove(): void;
}

/**
 * PATH without folders that hold the official plug-ins: these tests are about the project's own.
 */
function pathWithoutPlugins(): string {
  const names = ["pulumi-language-nodejs", "pulumi-resource-random"];
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.filter((folder) => !names.some((name) => fs.existsSync(path.join(folder, name)))).join(path.delimiter);
}

/** Copies the fixtures below the checkout, where they find its packages, and creates a stack. */
export async function createProject(): Promise<Project> {
  const parent = path.join(CHECKOUT, ".local", "tools-test");
  fs.mkdirSync(parent, { recursive: true });
  const folder = fs.mkdtempSync(path.join(parent, "p-"));
  fs.cpSync(path.join(__dirname, "fixtures"), folder, { recursive: true });
  const toolsEnv = { ...process.env, PATH: pathWithoutPlugins(), PULUMI_HOME: path.join(folder, "none") };
  const names = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-random"] as const;
  const tools = await ensureTools(names, { env: toolsEnv });
  const env = engineEnvironment({ directory: folder, tools, passphrase: "correct horse" });
  const cwd = path.join(folder, "program");
  const pulumi: Project["pulumi"] = (args, options) =>
    runPulumi([...args, "--non-interactive"], { env, cwd, ...options });
  const succeed = async (args: string[]): Promise<void> => {
    const { code, stdout, stderr } = await pulumi(args);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${stdout}${stderr}`);
  };
  await succeed(["stack", "init", "dev"]);
  return {
    folder,
    pulumi,
    configure: (values, secret = false) =>
      succeed([
        "config",
        "set-all",
        ...Object.entries(values).flatMap(([key, value]) => [secret ? "--secret" : "--plaintext", `${key}=${value}`]),
      ]),
    state: () => readState(stackFile(folder, "tools-test", "dev")),
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}

/** Processes whose environment or command line mentions a text, with their command lines. Linux only. */
export function processesThatMention(text: string): string[] {
  const found: string[] = [];
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (Number(pid) === process.pid) continue;
    try {
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
      const environment = fs.readFileSync(`/proc/${pid}/environ`, "utf8");
      if (`${command}${environment}`.includes(text)) found.push(`${pid} ${command.replaceAll("\0", " ")}`);
    } catch {
      // The process ended meanwhile, or is another user's.
    }
  }
  return found;
}

/** Waits until no process mentions a text; after a minute, fails and names those that stay. */
export async function untilNoProcessMentions(text: string): Promise<void> {
  for (let attempts = 600; attempts > 0; attempts--) {
    if (processesThatMention(text).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`processes stay behind:\n${processesThatMention(text).join("\n")}`);
}
