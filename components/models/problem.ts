/** What is wrong with one value, in words that follow its place or the value itself. */
export interface Problem {
  /** What is wrong, beginning in lower case. */
  problem: string;
  /** What is allowed instead. */
  allowed?: string;
  /** What to do. */
  fix: string;
}

/** Longest part of a text that a message repeats. */
const LONGEST_SHOWN = 100;

/** A text that cannot be read as what it should be. */
export class UnreadableError extends Error {
  /**
   * @param text The text as it was given.
   * @param fault What is wrong with it, without the text: it may be a secret in the wrong place.
   */
  constructor(
    readonly text: string,
    readonly fault: Problem,
  ) {
    const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
    super(`${JSON.stringify(shown)} ${fault.problem}: ${fault.fix}`);
    this.name = new.target.name;
  }
}
