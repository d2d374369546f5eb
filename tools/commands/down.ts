import { stopCluster } from "../local-cluster/cluster";
import { TurnTakenError } from "../local/turn";
import { stackDriver } from "../stacks/lazily";
import { clusterDirectory, isAgreedTo, openTarget, removeUndeclared, runCommand } from "./context";
import { EngineFailure, runOnDevStack } from "./run";
import { LOCAL_STACK, readStackArgument } from "./stack-argument";

/** Exit code of a command that Ctrl-C stopped. */
const stopped = 130;

async function destroy(): Promise<void> {
  const { context, environment, args } = await openTarget();
  if (context === undefined && !isAgreedTo(args))
    throw new Error(
      "this deletes every tenant's namespace, models and keys: type `--yes` after the stack's name if that is meant",
    );
  if (environment !== undefined) await stackDriver().destroyEnvironment(environment);
  else if (context !== undefined) {
    await runOnDevStack(context, "destroy", ["--yes", "--skip-preview"]);
    await removeUndeclared(context);
  }
}

/** Destroys the local cluster's stack and ends the cluster; what runs is ended also when the stack cannot be destroyed. */
async function destroyLocal(): Promise<void> {
  try {
    await destroy();
  } catch (error) {
    // Who stopped it wants to look or to go on, and who works on the cluster needs it.
    if (error instanceof TurnTakenError || (error instanceof EngineFailure && error.code === stopped)) throw error;
    await stopCluster({ directory: clusterDirectory() });
    console.error("The stack is not destroyed. The local cluster is stopped; its data stays.");
    throw error;
  }
  await stopCluster({ directory: clusterDirectory() });
  console.log("The dev stack is destroyed and the local cluster is stopped.");
}

runCommand(async () => {
  const { stack } = readStackArgument(process.argv.slice(2));
  await (stack === LOCAL_STACK ? destroyLocal() : destroy());
});
