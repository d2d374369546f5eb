/** Kubernetes quantities as exact integers, so that sums and comparisons never round. */

const binary: Record<string, bigint> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};
const decimalExponent: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const form = /^([+-]?)(\d+\.?\d*|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d+)$/;

/**
 * Reads a quantity as thousandths of the base unit (thousandths of a core, of a byte, of a pod), rounded up as the API
 * server does. Returns undefined for anything that is no quantity, unknown values included.
 * Grammar: k8s.io/apimachinery, pkg/api/resource.
 */
export function parseMilli(value: unknown): bigint | undefined {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value : "";
  if (known.has(text)) return known.get(text);
  if (known.size >= MOST_KNOWN) known.clear();
  const milli = readMilli(text);
  known.set(text, milli);
  return milli;
}

/** What was read before: the same few amounts stand in every tenant's quota, limits and pods. */
const known = new Map<string, bigint | undefined>();
const MOST_KNOWN = 5_000;

function readMilli(text: string): bigint | undefined {
  const match = form.exec(text);
  if (match === null) return undefined;
  const [, sign = "", digits = "", suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const exponent = /^[eE][+-]?\d+$/.test(suffix) ? Number(suffix.slice(1)) : (decimalExponent[suffix] ?? 0);
  // A number beyond this is nobody's memory or storage, and would only cost time.
  if (Math.abs(exponent) > 30) return undefined;
  const power = exponent + 3 - fraction.length;
  let numerator = BigInt(whole + fraction) * (binary[suffix] ?? 1n);
  let denominator = 1n;
  if (power >= 0) numerator *= 10n ** BigInt(power);
  else denominator = 10n ** BigInt(-power);
  const milli = (numerator + denominator - 1n) / denominator;
  return sign === "-" ? -milli : milli;
}

/** Writes thousandths of the base unit for people: `1500m`, `3`, `6Gi`. Exact: reading it gives the value back. */
export function formatMilli(milli: bigint): string {
  if (milli % 1000n !== 0n) return `${milli}m`;
  const units = milli / 1000n;
  for (const suffix of ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"]) {
    const size = binary[suffix] ?? 1n;
    if (units !== 0n && units % size === 0n) return `${units / size}${suffix}`;
  }
  return String(units);
}
