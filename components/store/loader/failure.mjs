/** What went wrong with one model, in words for the person who runs the platform. */
export class Failure extends Error {
  /**
   * @param {string} problem What happened: place, value and status, and never a credential or the query of an address.
   * @param {string} fix What to do about it.
   */
  constructor(problem, fix) {
    super(`${problem}: ${fix}`);
    this.name = "Failure";
  }
}

/** A failure of the connection, after which the same request may succeed. */
export class Interruption extends Failure {}

/** What to do when models do not fit. */
export const MORE_SPACE = "enlarge the model volume or allow fewer models";

/**
 * @param {unknown} error
 * @returns {Failure | undefined} The failure in words when it is one that people can do something about.
 */
export function asFailure(error) {
  if (error instanceof Failure) return error;
  const { code } = /** @type {{ code?: string }} */ (error);
  const full = code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG";
  return full ? new Failure(`the store is full (${code})`, MORE_SPACE) : undefined;
}
