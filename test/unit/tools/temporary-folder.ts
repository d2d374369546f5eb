import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A new empty folder per test, removed after it. Call inside `describe`; the function returned gives the current one. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeEach(() => void (folder = fs.mkdtempSync(path.join(os.tmpdir(), "ollama-platform-"))));
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}

/** Writes an executable shell script and returns its path. */
export function script(folder: string, name: string, body: string): string {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  fs.writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}
