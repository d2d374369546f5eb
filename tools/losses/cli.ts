/** `npm run losses`: what a plan of plain Pulumi would take from tenants for good. */
import { readFileSync } from "node:fs";
import { runCommand } from "../commands/context";
import { lossesOf } from "./preview";

const usage = `usage: pulumi preview --json > preview.json; npm run losses -- preview.json

Says which namespaces, model claims and client keys a plan would replace, and which namespaces and claims it would delete although
the tenant's file is there. Ends with 0 when there is none, with 1 otherwise, and when the file is not a whole preview.`;

runCommand(() => {
  const [file, ...more] = process.argv.slice(2);
  if (file === undefined || file.startsWith("-") || more.length > 0) {
    console.error(usage);
    process.exitCode = 2;
    return Promise.resolve();
  }
  const losses = lossesOf(readFileSync(file, "utf8"));
  console.log(losses.length === 0 ? "The plan takes nothing from a tenant that is declared." : losses.join("\n"));
  if (losses.length > 0) process.exitCode = 1;
  return Promise.resolve();
});
