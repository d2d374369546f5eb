import { openLocalContext, runCommand, previewDevStack } from "./context";

runCommand(async () => {
  await previewDevStack(await openLocalContext());
});
