import type { Path } from "../spec/path";

/** The value, which is changed, without what a path leads to; items of lists leave a gap, so that the other items keep their index. */
export function withoutValue(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (typeof value !== "object" || value === null) return value;
  const holder = value as Record<string | number, unknown>;
  if (rest.length > 0) holder[step] = withoutValue(holder[step], rest);
  else if (Array.isArray(value)) value[Number(step)] = undefined;
  else delete holder[step];
  return value;
}
