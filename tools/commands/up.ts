import { stackDriver } from "../stacks/lazily";
import { isAgreedTo, openTarget, runCommand, updateLocal } from "./context";

runCommand(async () => {
  const target = await openTarget();
  const { context, environment, args } = target;
  if (context !== undefined) return updateLocal(context, target);
  if (environment === undefined) return;
  const { previewEnvironment, updateEnvironment } = stackDriver();
  if (isAgreedTo(args)) return updateEnvironment(environment, args);
  // Nobody is asked in the middle of several stacks.
  await previewEnvironment(environment, args);
  console.log("Nothing was changed: with `--yes` after the stack's name it is done.");
});
