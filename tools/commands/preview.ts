import { stackDriver } from "../stacks/lazily";
import { openTarget, previewDevStack, runCommand } from "./context";

runCommand(async () => {
  const { context, environment, args } = await openTarget();
  if (environment !== undefined) await stackDriver().previewEnvironment(environment, args);
  else if (context !== undefined) await previewDevStack(context);
});
