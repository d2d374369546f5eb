import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../build/debian";

const run = promisify(execFile);

/** Shell and small programs that the stock images, made from whole distributions, have and scripts in pods use. */
export const shellPrograms = [
  ...[
    "bash",
    "sh",
    "cat",
    "chmod",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "du",
    "env",
    "expr",
    "find",
    "grep",
    "gzip",
    "head",
    "id",
    "ln",
  ],
  ...[
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "printf",
    "readlink",
    "rm",
    "rmdir",
    "sed",
    "sha256sum",
    "sleep",
    "sort",
    "stat",
    "tail",
  ],
  ...["tar", "tee", "test", "touch", "tr", "true", "false", "uname", "wc", "whoami", "xargs"],
];

/** Puts a root file system together in an empty folder. */
export class RootFilesystem {
  constructor(readonly folder: string) {}

  /** Folders that every image has; `/tmp` is open to all. */
  async skeleton(): Promise<void> {
    for (const name of ["dev", "etc", "proc", "root", "run", "sys", "usr/bin", "usr/lib", "var"]) {
      await fs.mkdir(this.place(name), { recursive: true });
    }
    await fs.mkdir(this.place("tmp"));
    await fs.chmod(this.place("tmp"), 0o1777);
    await fs.writeFile(
      this.place("etc/passwd"),
      "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n",
    );
    await fs.writeFile(this.place("etc/group"), "root:x:0:\nnogroup:x:65534:\n");
    await fs.writeFile(this.place("etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
  }

  /** A program or other file of this machine, at `destination`. */
  async file(source: string, destination: string, mode = 0o755): Promise<void> {
    await fs.mkdir(path.dirname(this.place(destination)), { recursive: true });
    await fs.copyFile(await fs.realpath(source), this.place(destination));
    await fs.chmod(this.place(destination), mode);
  }

  /** A program with the shared libraries that it is linked with, each where the dynamic linker finds it. */
  async program(source: string, destination: string): Promise<void> {
    await this.file(source, destination);
    for (const library of await sharedLibraries(source)) await this.file(library, library);
  }

  /** A text file of our own. */
  async text(destination: string, content: string, mode = 0o644): Promise<void> {
    await fs.mkdir(path.dirname(this.place(destination)), { recursive: true });
    await fs.writeFile(this.place(destination), content, { mode });
  }

  /** Bash, and the small programs of a distribution. */
  async shell(): Promise<void> {
    for (const name of shellPrograms) await this.program(findProgram(name), `/bin/${name}`);
  }

  private place(destination: string): string {
    return path.join(this.folder, destination);
  }
}

/** Absolute paths of the libraries and the dynamic linker of a program; none for a static one. */
async function sharedLibraries(program: string): Promise<string[]> {
  let listed: string;
  try {
    ({ stdout: listed } = await run("ldd", [program]));
  } catch {
    // "not a dynamic executable"
    return [];
  }
  const missing = /^\s*(\S+) => not found/m.exec(listed);
  if (missing !== null) throw new Error(`${program} needs the library ${missing[1]}, which this machine does not have`);
  return [...listed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].flatMap(([, file]) => file ?? []);
}
