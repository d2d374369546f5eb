/** Clauses of CEL expressions: what an `&&` joins, at every depth. */

/** A clause's place in an expression. */
export interface Clause {
  start: number;
  end: number;
}

/** A list of clauses that is being read, between two brackets. */
interface Frame {
  start: number;
  /** Whether what is read is denied, so that without one of its clauses an expression would refuse more. */
  denied: boolean;
  separators: { at: number; length: number; and: boolean }[];
}

const SEPARATORS = [" && ", " || ", " ? ", " : ", ","];

/** Every clause without which an expression would let more pass. */
export function clausesOf(expression: string): Clause[] {
  const clauses: Clause[] = [];
  const outermost: Frame = { start: 0, denied: false, separators: [] };
  const frames = [outermost];
  for (let at = 0; at < expression.length; at++) {
    const frame = frames.at(-1) ?? outermost;
    const character = expression.charAt(at);
    const separator = SEPARATORS.find((one) => expression.startsWith(one, at));
    if (character === '"') at = endOfText(expression, at);
    else if ("([{".includes(character))
      frames.push({ start: at + 1, denied: frame.denied || expression[at - 1] === "!", separators: [] });
    else if (")]}".includes(character)) clauses.push(...clausesIn(frames.pop() ?? outermost, at));
    else if (separator !== undefined) {
      frame.separators.push({ at, length: separator.length, and: separator === " && " });
      at += separator.length - 1;
    }
  }
  return [...clauses, ...clausesIn(outermost, expression.length)];
}

/** Place of the quotation mark that ends a text. */
function endOfText(expression: string, begin: number): number {
  let at = begin + 1;
  while (expression[at] !== '"') at += expression[at] === "\\" ? 2 : 1;
  return at;
}

function clausesIn({ start, denied, separators }: Frame, end: number): Clause[] {
  if (denied) return [];
  const bounds = [{ at: start, length: 0, and: false }, ...separators, { at: end, length: 0, and: false }];
  return bounds.slice(1).flatMap(({ at, and }, index) => {
    const before = bounds[index];
    if (before === undefined || !(and || before.and)) return [];
    return [{ start: before.at + before.length, end: at }];
  });
}

/** Clauses that only keep what follows from an error, which refuses too: whether a field is there, of which type, and whether anything was before. */
const SHAPES = [
  /^\(*has\([^()]*\)\)*$/,
  /^type\(p\.port\) == int$/,
  /^request\.operation == "(UPDATE|DELETE)"$/,
  /^\(?variables\.bounds\.size\(\) == 2\)?$/,
  /^k == "serviceAccountToken"$/,
  // Nothing begins as none of no repositories.
  /^variables\.repositories\.size\(\) > 0$/,
];

/** Whether nothing more passes without a clause. */
export function isShape(clause: string): boolean {
  return SHAPES.some((shape) => shape.test(clause.trim()));
}
