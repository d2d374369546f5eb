/** A command line with faults. */
export class ArgumentsError extends Error {
  /** @param faults One sentence per fault. */
  constructor(readonly faults: string[]) {
    super(faults.join("\n"));
    this.name = "ArgumentsError";
  }
}
