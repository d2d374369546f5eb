import assert from "node:assert/strict";
import { createProject, type Project, processesThatMention, untilNoProcessMentions } from "./project";

/** First to last line of the user's view: both streams, as a terminal shows them. */
const shown = ({ stdout, stderr }: { stdout: string; stderr: string }): string => `${stdout}\n${stderr}`;

describe("the language host and the random provider on the real engine", function () {
  this.timeout(180_000);
  let project: Project;
  const up = (...flags: string[]) => project.pulumi(["up", "--yes", "--skip-preview", ...flags]);

  beforeEach(async () => void (project = await createProject()));
  afterEach(() => project.remove());

  it("run a program, show what it prints, and never show a secret of its configuration", async () => {
    await project.configure({ behaviour: "outputs", plain: "in the open" });
    await project.configure({ secret: "s3cr3t-value" }, true);
    const preview = await project.pulumi(["preview", "--diff"]);
    const update = await up("--debug");
    assert.equal(preview.code, 0, shown(preview));
    assert.equal(update.code, 0, shown(update));
    assert.match(update.stdout, /printed by the program/);
    assert.match(update.stdout, /in the open/);
    assert.doesNotMatch(shown(update), /from \$PATH/);
    for (const text of [shown(preview), shown(update), project.state()]) assert.ok(!text.includes("s3cr3t-value"));
    // The control: the program did get the value, and the state holds it encrypted.
    const outputs = await project.pulumi(["stack", "output", "--show-secrets", "--json"]);
    assert.deepEqual(JSON.parse(outputs.stdout), { plain: "in the open", secret: "s3cr3t-value" });
  });

  it("say why a program failed, and with which exit code", async () => {
    await project.configure({ behaviour: "throw" });
    const thrown = await up();
    assert.notEqual(thrown.code, 0);
    assert.match(shown(thrown), /the model store is not reachable/);
    assert.match(shown(thrown), /index\.ts/);
    await project.configure({ behaviour: "exit" });
    const exited = await up();
    assert.notEqual(exited.code, 0);
    assert.match(shown(exited), /exit code 7/);
  });

  it("keep a password over updates, encrypted, and replace it when an input changes", async () => {
    const password = async (): Promise<string> => {
      const { stdout } = await project.pulumi(["stack", "output", "password", "--show-secrets"]);
      return stdout.trim();
    };
    await project.configure({ behaviour: "password", length: "20" });
    assert.equal((await up()).code, 0);
    const first = await password();
    assert.match(first, /^\S{20}$/);
    assert.ok(!project.state().includes(first));
    const again = await up("--expect-no-changes", "--refresh");
    assert.equal(again.code, 0, shown(again));
    assert.equal(await password(), first);
    await project.configure({ length: "24" });
    assert.match((await project.pulumi(["preview"])).stdout, /replace/);
    assert.equal((await up()).code, 0);
    assert.equal((await password()).length, 24);
  });

  it("refuse inputs that cannot be met before anything is made", async () => {
    await project.configure({ behaviour: "password", length: "1" });
    const update = await up();
    assert.notEqual(update.code, 0);
    assert.match(shown(update), /1 is less than the 2 characters that the minimum counts demand/);
  });

  it("serve a component package from its folder, with secrets kept secret", async () => {
    await project.configure({ behaviour: "component" });
    await project.configure({ secret: "s3cr3t-value" }, true);
    const update = await up();
    assert.equal(update.code, 0, shown(update));
    assert.ok(!shown(update).includes("s3cr3t-value"));
    const { stdout } = await project.pulumi(["stack", "output", "message", "--show-secrets"]);
    assert.equal(stdout.trim(), "hello s3cr3t-value");
    const schema = await project.pulumi(["package", "get-schema", "../component"]);
    assert.equal(schema.code, 0, shown(schema));
    assert.ok("tools-test-component:index:Greeting" in JSON.parse(schema.stdout).resources);
  });

  it("run a policy pack, which refuses a violation and passes a compliant program", async () => {
    await project.configure({ behaviour: "password", length: "12" });
    const refused = await project.pulumi(["preview", "--policy-pack", "../policy-pack"]);
    assert.notEqual(refused.code, 0);
    assert.match(shown(refused), /a password of 12 characters is shorter than 16/);
    await project.configure({ length: "16" });
    const passed = await project.pulumi(["preview", "--policy-pack", "../policy-pack"]);
    assert.equal(passed.code, 0, shown(passed));
  });

  it("tell about themselves and the program's packages", async () => {
    await project.configure({ behaviour: "outputs" });
    const about = await project.pulumi(["about", "--json"]);
    const { runtime, dependencies } = JSON.parse(about.stdout);
    assert.equal(runtime.language, "nodejs");
    const names = dependencies.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ["@pulumi/pulumi", "@pulumi/random"]);
  });

  it("end with Ctrl-C, leave no process, and leave a state that the next update continues from", async () => {
    await project.configure({ behaviour: "hang" });
    const controller = new AbortController();
    const onOutput = (text: string): void => {
      if (text.includes("still running")) controller.abort();
    };
    const interrupted = await project.pulumi(["up", "--yes", "--skip-preview"], {
      onOutput,
      signal: controller.signal,
    });
    assert.notEqual(interrupted.code, 0);
    assert.match(shown(interrupted), /cancel/i);
    await untilNoProcessMentions(project.folder);
    await project.configure({ behaviour: "password", length: "20" });
    const next = await up();
    assert.equal(next.code, 0, shown(next));
  });

  it("end when the engine is killed", async () => {
    await project.configure({ behaviour: "hang" });
    let killed = false;
    await project.pulumi(["up", "--yes", "--skip-preview"], {
      onOutput: (text) => {
        if (killed || !text.includes("still running")) return;
        killed = true;
        const processes = processesThatMention(project.folder);
        // The control: there is something that could stay behind.
        assert.ok(processes.some((line) => line.includes("language-host")) && processes.length >= 3);
        const engine = processes.find((line) => / \S*pulumi up /.test(line));
        process.kill(Number(engine?.split(" ")[0]), "SIGKILL");
      },
    });
    await untilNoProcessMentions(project.folder);
    // A killed engine leaves its lock; this is the documented way to say that nobody holds it.
    assert.equal((await project.pulumi(["cancel", "--yes"])).code, 0);
    await project.configure({ behaviour: "password", length: "20" });
    const next = await up();
    assert.equal(next.code, 0, shown(next));
  });
});
