import { previewEnvironment, updateEnvironment } from "../stacks/drive";
import { isAgreedTo, openTarget, runCommand, tellGateways, updateDevStack } from "./context";

runCommand(async () => {
  const { context, environment, args } = await openTarget();
  if (environment === undefined) {
    if (context !== undefined) await updateDevStack(context);
  } else if (context !== undefined) {
    await updateEnvironment(environment, args);
    await tellGateways(context);
  } else if (isAgreedTo(args)) await updateEnvironment(environment, args);
  else {
    // Nobody is asked in the middle of several stacks.
    await previewEnvironment(environment, args);
    console.log("Nothing was changed: with `--yes` after the stack's name it is done.");
  }
});
