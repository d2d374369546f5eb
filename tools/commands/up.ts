import { openLocalContext, runCommand, updateDevStack } from "./context";

runCommand(async () => {
  await updateDevStack(await openLocalContext());
});
