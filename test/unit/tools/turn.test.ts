import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { settlePending } from "../../../tools/local/stack";
import { repositoryRoot } from "../../../tools/local/paths";
import { takeTurn } from "../../../tools/local/turn";
import { killed } from "../../support/processes";
import { script, temporaryFolder } from "./temporary-folder";

describe("several commands at the same time", function () {
  if (process.platform !== "linux") return;
  const folder = temporaryFolder();

  it("get the local stack one after the other, and are told who has it", async () => {
    const giveBack = await takeTurn(folder(), "npm run up");
    await assert.rejects(
      takeTurn(folder(), "npm start"),
      new RegExp(
        `^TurnTakenError: \`npm run up\` \\(process ${process.pid}, since \\d\\d:\\d\\d:\\d\\d\\) works on the local cluster of this ` +
          "checkout, and nothing was done here; wait until it has ended, or stop it by Ctrl-C in its terminal$",
      ),
    );
    // That of another checkout is another.
    (await takeTurn(path.join(folder(), "other"), "npm start"))();
    giveBack();
    (await takeTurn(folder(), "npm start"))();
  });

  it("get it after a command that was killed, and do not wait for one that does not answer", async () => {
    const program = `
      const { takeTurn } = require(${JSON.stringify(path.join(repositoryRoot, "tools", "local", "turn"))});
      takeTurn(process.argv[1], "npm run up").then(() => { console.log("has it"); setInterval(() => {}, 1000); });`;
    const args = ["-r", "ts-node/register/transpile-only", "-e", program, folder()];
    const other = spawn(process.execPath, args, { cwd: repositoryRoot, stdio: ["ignore", "pipe", "inherit"] });
    try {
      await once(other.stdout, "data");
      other.kill("SIGSTOP");
      await assert.rejects(takeTurn(folder(), "npm start"), /^TurnTakenError: another command works on /);
      other.kill("SIGCONT");
      await assert.rejects(takeTurn(folder(), "npm start"), /^TurnTakenError: `npm run up` \(process \d+, since /);
    } finally {
      await killed(other);
    }
    (await takeTurn(folder(), "npm start"))();
  });

  it("install the packages once", async () => {
    for (const name of ["tools/bootstrap.mjs", "tools/kubernetes-client"])
      fs.cpSync(path.join(repositoryRoot, name), path.join(folder(), name), { recursive: true });
    fs.writeFileSync(path.join(folder(), "package-lock.json"), "{}");
    fs.writeFileSync(path.join(folder(), "command.ts"), 'console.log("it ran");');
    const hook = "node_modules/ts-node/register";
    script(
      path.join(folder(), "bin"),
      "npm",
      `echo >> installed; sleep 1; mkdir -p ${hook}; : > ${hook}/transpile-only.js`,
    );
    const env = { ...process.env, PATH: [path.join(folder(), "bin"), process.env["PATH"]].join(path.delimiter) };
    const run = async (): Promise<string> => {
      const child = spawn(process.execPath, ["tools/bootstrap.mjs", "command.ts"], { cwd: folder(), env });
      let text = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (text += part.toString()));
      await once(child, "close");
      return text;
    };
    const said = (await Promise.all([run(), run()])).sort();
    assert.equal(said[0], "another command installs the packages here: waiting for it ...\nit ran\n");
    assert.equal(said[1], "installing npm packages (npm ci) ...\nit ran\n");
    assert.equal(fs.readFileSync(path.join(folder(), "installed"), "utf8"), "\n");
  });
});

describe("what an engine has under way", () => {
  const folder = temporaryFolder();

  it("is left alone while the engine runs, and taken out of the state when it is dead", async () => {
    const write = (name: string, content: object) => {
      fs.mkdirSync(path.dirname(path.join(folder(), name)), { recursive: true });
      fs.writeFileSync(path.join(folder(), name), JSON.stringify(content));
    };
    const deployment = { resources: [], pending_operations: [{ type: "creating", resource: { urn: "urn:pulumi:a" } }] };
    write("Pulumi.yaml", { name: "p" });
    write("state/.pulumi/stacks/p/dev.json", { checkpoint: { latest: deployment } });
    write("export.json", { version: 3, deployment });
    // An engine that notes what it is asked for.
    script(folder(), "pulumi", 'echo "$1 $2" >> asked; [ "$2" = import ] || cat export.json');
    const env = { ...process.env, PATH: [folder(), process.env["PATH"]].join(path.delimiter) };
    const stack = { name: "dev", project: folder(), configFile: path.join(folder(), "config"), environment: env };
    const lines: string[] = [];
    const settle = () => settlePending(stack, folder(), (line) => lines.push(line));
    const lock = "state/.pulumi/locks/organization/p/dev/1.json";
    write(lock, {});
    await settle();
    assert.deepEqual(lines, []);
    assert.ok(!fs.existsSync(path.join(folder(), "asked")));
    fs.rmSync(path.join(folder(), lock));
    await settle();
    assert.deepEqual(lines, ["stack dev: 1 operations that a dead engine had begun are started over"]);
    assert.equal(fs.readFileSync(path.join(folder(), "asked"), "utf8"), "stack export\nstack import\n");
  });
});
