import { openStackWithoutCluster, runCommand } from "./context";
import { EngineFailure } from "./run";
import { pulumiOnStack } from "../local/stack";
import { stacksOf } from "../stacks/existing";

/** Takes every lock from the local stacks, also that of an engine that runs; what dead engines left is recovered from on the way. */
runCommand(async () => {
  for (const stack of await stacksOf(await openStackWithoutCluster())) {
    const { code, stderr } = await pulumiOnStack(stack, "cancel", ["--yes"]);
    if (code !== 0 && !/no update to cancel|not locked/i.test(stderr)) {
      console.error(stderr);
      throw new EngineFailure(code);
    }
  }
  console.log("The dev stack has no lock; `npm run up` goes on where the last update ended.");
});
