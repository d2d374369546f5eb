import assert from "node:assert/strict";
import * as path from "node:path";
import { pulumiOnStack } from "../../../tools/local/stack";
import { script, temporaryFolder } from "./temporary-folder";

describe("commands on a local stack", () => {
  const folder = temporaryFolder();

  /** What an engine that prints its setting for checkpoints sees. */
  async function checkpointsOf(command: string): Promise<string> {
    script(folder(), "pulumi", 'echo "$1:$PULUMI_SKIP_CHECKPOINTS"');
    const environment: NodeJS.ProcessEnv = { ...process.env, PATH: `${folder()}${path.delimiter}${process.env.PATH}` };
    delete environment.PULUMI_SKIP_CHECKPOINTS;
    const stack = { name: "dev", project: folder(), configFile: path.join(folder(), "config"), environment };
    return (await pulumiOnStack(stack, command)).stdout.trim();
  }

  it("serialize the state of a preview once, and save that of an update with each step", async () => {
    assert.equal(await checkpointsOf("preview"), "preview:true");
    assert.equal(await checkpointsOf("up"), "up:");
  });
});
