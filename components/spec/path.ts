/** Leads to a value of a declaration, a file or a component's arguments: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[];

/** Adds steps to a path that is given. */
export type At = (...steps: Path) => Path;

/** Leads to what is below a value, for example `below("nodePools", 0)("limits", "cpu")`. */
export function below(...base: Path): At {
  return (...steps) => [...base, ...steps];
}

const PLAIN_KEY = /^[A-Za-z0-9_:-]+$/;

/** Writes a path as people do, for example `spec.models.allow[0]`; keys with other characters are put in quotes. */
export function formatPath(path: Path): string {
  return path.map(formatStep).join("");
}

function formatStep(step: string | number, index: number): string {
  if (typeof step === "number") return `[${step}]`;
  if (!PLAIN_KEY.test(step)) return `[${JSON.stringify(step)}]`;
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

/** The value that a path leads to; undefined when it leads nowhere. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (holder, step) =>
      typeof holder === "object" && holder !== null && Object.hasOwn(holder, step)
        ? (holder as Record<string | number, unknown>)[step]
        : undefined,
    value,
  );
}
