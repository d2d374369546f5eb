import { stopCluster } from "../local-cluster/cluster";
import { clusterDirectory, openLocalContext, runCommand } from "./context";
import { EngineFailure, runOnDevStack } from "./run";

/** Exit code of a command that Ctrl-C stopped. */
const stopped = 130;

/** Destroys the dev stack and ends the cluster; what runs is ended also when the stack cannot be destroyed. */
runCommand(async () => {
  try {
    await runOnDevStack(await openLocalContext(), "destroy", ["--yes", "--skip-preview"]);
  } catch (error) {
    // Who stopped it wants to look or to go on.
    if (error instanceof EngineFailure && error.code === stopped) throw error;
    await stopCluster({ directory: clusterDirectory() });
    console.error("The stack is not destroyed. The local cluster is stopped; its data stays.");
    throw error;
  }
  await stopCluster({ directory: clusterDirectory() });
  console.log("The dev stack is destroyed and the local cluster is stopped.");
});
