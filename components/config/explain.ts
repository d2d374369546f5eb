/** A fault in a value, without the value: it may be a secret in the wrong place. */
export interface Explanation {
  problem: string;
  fix: string;
}

/**
 * Takes apart a message about one text, which reads `"text" problem: fix` or `"text": problem: fix`.
 *
 * @param message Message of a `ModelNameError`, `QuantityError` or `CidrError`, or of a fault of a plan.
 */
export function explain(message: string): Explanation {
  const text = message.replace(/^"(?:[^"\\]|\\.)*":? /, "");
  const colon = text.lastIndexOf(": ");
  return colon < 0
    ? { problem: text, fix: "correct it" }
    : { problem: text.slice(0, colon), fix: text.slice(colon + 2) };
}
