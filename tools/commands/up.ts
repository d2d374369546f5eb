import { openLocalContext, runCommand, runOnDevStack, updateArguments } from "./context";

runCommand(async () => {
  const context = await openLocalContext();
  await runOnDevStack(context, "up", ["--yes", ...updateArguments(context)]);
});
