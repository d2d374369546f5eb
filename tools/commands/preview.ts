import { previewEnvironment } from "../stacks/drive";
import { openTarget, previewDevStack, runCommand } from "./context";

runCommand(async () => {
  const { context, environment, args } = await openTarget();
  if (environment !== undefined) await previewEnvironment(environment, args);
  else if (context !== undefined) await previewDevStack(context);
});
