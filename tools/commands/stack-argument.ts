/** The stack of the local cluster. Any other stack is one of the backend that people are logged in to. */
export const LOCAL_STACK = "dev";

/** What was typed after a command on a stack. */
export interface StackArguments {
  /** Name of the stack. */
  stack: string;
  /** Everything else, for the engine. */
  args: string[];
}

/** Reads `--stack <name>`, `--stack=<name>` or `-s <name>`, wherever it stands. Default: the local cluster's stack. */
export function readStackArgument(argv: readonly string[]): StackArguments {
  let stack = LOCAL_STACK;
  const args: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const arg = argv[index] ?? "";
    if (arg === "--stack" || arg === "-s") {
      const name = argv[++index];
      if (name === undefined || name.startsWith("-")) throw new Error(`${arg}: the name of a stack has to follow it`);
      stack = name;
    } else if (arg.startsWith("--stack=")) stack = arg.slice("--stack=".length);
    else args.push(arg);
  }
  return { stack, args };
}

/** Options of an update that answer its question, which a preview does not ask. */
const ANSWERS = ["--yes", "-y", "--skip-preview", "-f"];

/** Arguments without answers to the update's question: what a preview takes too. */
export const withoutAnswers = (args: readonly string[]): string[] => args.filter((arg) => !ANSWERS.includes(arg));
