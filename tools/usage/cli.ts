/**
 * `npm run usage`: tokens and seconds of models by tenant, client and model, and what is used of budgets, from Prometheus.
 * Ends with 0 when it has the figures, 1 when Prometheus does not tell them, 2 when the command line has faults.
 */
import { writeFileSync } from "node:fs";
import { ArgumentsError } from "../arguments-error";
import { parseArguments, USAGE } from "./arguments";
import { csvOf, printUsage } from "./print";
import { PrometheusError, readUsage } from "./usage";

async function main(argv: string[]): Promise<number> {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const args = parseArguments(argv, new Date());
    const report = await readUsage(args, process.env["PROMETHEUS_TOKEN"]);
    if (args.csv !== undefined) writeFileSync(args.csv, csvOf(report));
    console.log([`${args.from.toISOString()} to ${args.to.toISOString()}`, ...printUsage(report)].join("\n"));
    return 0;
  } catch (error) {
    if (error instanceof PrometheusError) {
      console.error(`error: ${error.message}`);
      return 1;
    }
    if (!(error instanceof ArgumentsError)) throw error;
    console.error(`error: ${error.faults.join("\n       ")}\nhelp: npm run usage -- --help`);
    return 2;
  }
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
