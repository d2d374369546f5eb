/** Asks a program that reads one question per line and writes one answer per line, both as JSON. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Asks all questions of one process; answers come in their order.
 *
 * @throws Error if the program fails or answers too few.
 */
export async function askProgram<Answer>(program: string, questions: readonly unknown[]): Promise<Answer[]> {
  const child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
  const answers: Answer[] = [];
  const closed = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) answers.push(JSON.parse(line) as Answer);
  })();
  for (const question of questions) child.stdin.write(`${JSON.stringify(question)}\n`);
  child.stdin.end();
  const [code] = await Promise.all([closed, reading]);
  if (code !== 0 || answers.length !== questions.length)
    throw new Error(`${program} ended with ${code} after ${answers.length} of ${questions.length} answers`);
  return answers;
}
