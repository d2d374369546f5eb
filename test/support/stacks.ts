import { stripVTControlCharacters } from "node:util";
import type { LocalStack } from "../../tools/local/stack";
import { type EnvironmentStacks, openEnvironment } from "../../tools/stacks/open";

/** A command on all stacks of an environment. */
export type StacksCommand = (stacks: EnvironmentStacks, output: { write(text: string): void }) => Promise<void>;

/** Runs a command on all stacks of an environment; what it told, and whether it failed. */
export async function runOnStacks(
  base: LocalStack,
  command: StacksCommand,
): Promise<{ failed: boolean; said: string }> {
  let said = "";
  let failed = false;
  try {
    await command(openEnvironment(base), { write: (text) => void (said += text) });
  } catch (error) {
    failed = true;
    said += String(error);
  }
  return { failed, said: stripVTControlCharacters(said) };
}
