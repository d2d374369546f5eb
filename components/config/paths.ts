/** Way to a value inside a file: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[];

const plainKey = /^[A-Za-z0-9_:-]+$/;

/** Writes a path as people do, for example `spec.models.allow[0]`; keys with other characters are put in quotes. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join("");
}

function formatStep(step: string | number, index: number): string {
  if (typeof step === "number") return `[${step}]`;
  if (!plainKey.test(step)) return `[${JSON.stringify(step)}]`;
  return index === 0 ? step : `.${step}`;
}

/** Reads a JSON pointer into `value`; a step into a list becomes a number. */
export function pathOfPointer(pointer: string, value: unknown): Path {
  const path: (string | number)[] = [];
  let current = value;
  for (const raw of pointer.split("/").slice(1)) {
    const key = raw.replaceAll("~1", "/").replaceAll("~0", "~");
    const step = Array.isArray(current) ? Number(key) : key;
    path.push(step);
    current = (current as Record<string | number, unknown> | undefined)?.[step];
  }
  return path;
}

/** Whether `outer` leads to the value at `inner` or to one that holds it. */
export function leadsTo(outer: Path, inner: Path): boolean {
  return outer.length <= inner.length && outer.every((step, index) => step === inner[index]);
}
