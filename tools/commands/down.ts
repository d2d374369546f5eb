import * as path from "node:path";
import { stopCluster } from "../local-cluster/cluster";
import { localDirectory } from "../local/paths";
import { openLocalContext, runCommand, runOnDevStack } from "./context";

runCommand(async () => {
  const context = await openLocalContext();
  await runOnDevStack(context, "destroy", ["--yes"]);
  await stopCluster({ directory: path.join(localDirectory(), "cluster") });
  console.log("The dev stack is destroyed and the local cluster is stopped.");
});
