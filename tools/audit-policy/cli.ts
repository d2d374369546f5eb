/** `npm run audit-policy`: an audit policy for the API server of a stack's cluster. */
import * as path from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { loadStackFile } from "../../components/config/load";
import { auditPolicy } from "../../components/plan/audit-policy";
import { namespacesOf } from "../../components/spec/names";
import { repositoryRoot } from "../local/paths";

const USAGE = `usage: npm run audit-policy -- --stack <stack>

Prints an audit policy for the API server that serves the tenants of the stack; docs/audit.md says where it goes.`;

function main(argv: string[]): void {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return;
  }
  const { values } = parseArgs({ args: argv, options: { stack: { type: "string" } } });
  const { stack = "" } = values;
  if (!/^[A-Za-z0-9_.-]+$/.test(stack))
    throw new Error(`--stack ${JSON.stringify(stack)} is no stack: name one, for example --stack dev`);
  const { tenants } = loadStackFile(path.join(repositoryRoot, `Pulumi.${stack}.yaml`));
  console.log(`# Audit policy of the stack ${stack}, made by: npm run audit-policy -- --stack ${stack}`);
  console.log("# Give it to every API server as --audit-policy-file; docs/audit.md says how.");
  console.log(stringify(auditPolicy(tenants.flatMap(namespacesOf))).trimEnd());
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  console.error("help: npm run audit-policy -- --help");
  process.exitCode = 2;
}
