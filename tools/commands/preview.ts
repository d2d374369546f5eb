import { openLocalContext, runCommand, runOnDevStack, updateArguments } from "./context";

runCommand(async () => {
  const context = await openLocalContext();
  await runOnDevStack(context, "preview", updateArguments(context));
});
