/** `npm run guard-manifests`: a stack's admission guard as a file for the control plane. */
import * as path from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { loadStackFile } from "../../components/config/load";
import { staticGuard } from "../../components/plan/guard/static";
import { planPlatform } from "../../components/plan/platform";
import { repositoryRoot } from "../local/paths";

const USAGE = `usage: npm run guard-manifests -- --stack <stack>

Prints the admission guard of the stack as manifests that API servers read from a folder of their own, where nobody can remove
them through the API; docs/admission-guard.md says where they go.`;

function main(argv: string[]): void {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return;
  }
  const { values } = parseArgs({ args: argv, options: { stack: { type: "string" } } });
  const { stack = "" } = values;
  if (!/^[A-Za-z0-9_.-]+$/.test(stack))
    throw new Error(`--stack ${JSON.stringify(stack)} is no stack: name one, for example --stack prod`);
  const spec = loadStackFile(path.join(repositoryRoot, `Pulumi.${stack}.yaml`));
  const { guard } = planPlatform(spec);
  const { deployers } = spec.cluster?.guard ?? {};
  if (guard === undefined || deployers === undefined)
    throw new Error(`Pulumi.${stack}.yaml has no guard: declare cluster.guard with the names of the deployers`);
  console.log(
    `# Admission guard ${guard.version} of the stack ${stack}, made by: npm run guard-manifests -- --stack ${stack}`,
  );
  console.log("# For the folder staticManifestsDir of every API server; docs/admission-guard.md says how.");
  console.log(
    staticGuard(guard, deployers)
      .map((object) => stringify(object, { aliasDuplicateObjects: false }))
      .join("---\n")
      .trimEnd(),
  );
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  console.error("help: npm run guard-manifests -- --help");
  process.exitCode = 2;
}
