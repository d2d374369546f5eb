/** The flags of the usage command. Every fault of the command line is collected, so that one run tells them all. */
import { parseArgs } from "node:util";
import { ArgumentsError } from "../arguments-error";

/** What is asked for. */
export interface UsageArguments {
  /** Address of Prometheus, without a slash at its end. */
  prometheus: string;
  from: Date;
  to: Date;
  /** Only this tenant. Default: all. */
  tenant?: string;
  /** File for the figures as comma-separated values. Default: none. */
  csv?: string;
}

export const USAGE = `usage: npm run usage -- --prometheus URL [flags]

  --prometheus URL   address of Prometheus, for example http://127.0.0.1:9090
  --from DATE        beginning, for example 2026-11-01 (default: the first of this month), in UTC
  --to DATE          end, not included (default: now)
  --tenant NAME      only this tenant
  --csv FILE         also writes the figures as comma-separated values

A bearer token for Prometheus is read from the variable PROMETHEUS_TOKEN.`;

const OPTIONS = Object.fromEntries(
  ["prometheus", "from", "to", "tenant", "csv"].map((name) => [name, { type: "string" as const }]),
);

/**
 * Reads the command line.
 *
 * @param argv Arguments after the program's name.
 * @throws ArgumentsError with every fault.
 */
export function parseArguments(argv: string[], now: Date): UsageArguments {
  let values: Record<string, string | undefined>;
  try {
    values = parseArgs({ args: argv, options: OPTIONS, allowPositionals: false }).values as typeof values;
  } catch (error) {
    throw new ArgumentsError([(error as Error).message]);
  }
  const faults: string[] = [];
  const date = (name: "from" | "to", standard: Date): Date => {
    const text = values[name];
    if (text === undefined) return standard;
    const read = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : NaN);
    if (Number.isNaN(read.getTime()) || read.toISOString().slice(0, 10) !== text)
      faults.push(`--${name} ${JSON.stringify(text)} is no date: write year-month-day, for example 2026-11-01`);
    return read;
  };
  const prometheus = address(values["prometheus"], faults);
  const from = date("from", new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)));
  const to = date("to", now);
  if (faults.length === 0 && from >= to)
    faults.push(`--from ${from.toISOString()} is not before --to ${to.toISOString()}: give a time that has passed`);
  const { tenant, csv } = values;
  if (tenant !== undefined && !/^[a-z0-9-]+$/.test(tenant))
    faults.push(`--tenant ${JSON.stringify(tenant)} is no tenant's name: write it as its file does`);
  if (faults.length > 0) throw new ArgumentsError(faults);
  return { prometheus, from, to, ...(tenant !== undefined && { tenant }), ...(csv !== undefined && { csv }) };
}

function address(text: string | undefined, faults: string[]): string {
  if (text === undefined) {
    faults.push("--prometheus is missing: name its address, for example --prometheus http://127.0.0.1:9090");
    return "";
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    // Not repeated: people write passwords into addresses.
    faults.push("--prometheus is no address: write http:// or https://, host and port, without user or question mark");
    return "";
  }
  return url.href.replace(/\/+$/, "");
}
