import { ensureTools, ToolError, TOOL_NAMES, type ToolName } from "../install";

/** Provides the named tools (all, if none is named) and prints the path of each. */
async function main(args: string[]): Promise<void> {
  const unknown = args.filter((name) => !TOOL_NAMES.includes(name as ToolName));
  if (unknown.length > 0) {
    throw new ToolError(`unknown tool ${unknown.join(", ")}; known are ${TOOL_NAMES.join(", ")}`);
  }
  const names = args.length > 0 ? (args as ToolName[]) : TOOL_NAMES;
  const tools = await ensureTools(names);
  for (const name of names) console.log(`${name}\t${tools.path(name)}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof ToolError ? `error: ${error.message}` : error);
  process.exitCode = 1;
});
