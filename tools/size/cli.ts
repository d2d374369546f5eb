/**
 * `npm run size`: how much memory, how many GPUs and replicas a model needs, with the arithmetic.
 * Ends with 0 when it fits, 1 when it does not, 2 when the command line has faults.
 */
import { ArgumentsError } from "../arguments-error";
import { parseArguments, USAGE } from "./arguments";
import { printSizes } from "./print";
import { computeSizes } from "./size";

function main(argv: string[]): number {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const args = parseArguments(argv);
    const sizes = computeSizes(args);
    console.log(args.json ? JSON.stringify(sizes, null, 2) : printSizes(sizes, args).join("\n"));
    return sizes.replica === undefined ? 1 : 0;
  } catch (error) {
    if (!(error instanceof ArgumentsError)) throw error;
    console.error(`error: ${error.faults.join("\n       ")}\nhelp: npm run size -- --help`);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
