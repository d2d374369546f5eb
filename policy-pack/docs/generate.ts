/** Writes `docs/policies.md` and `policy-pack/config.schema.json`. Run it after a change of rules: `ts-node policy-pack/docs/generate.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { rules } from "../rules";
import { catalogue, schemaText } from "./catalogue";

async function main(): Promise<void> {
  const pack = join(__dirname, "..");
  const schema = join(pack, "config.schema.json");
  writeFileSync(schema, await format(schemaText(rules), { ...(await resolveConfig(schema)), filepath: schema }));
  writeFileSync(join(pack, "..", "docs", "policies.md"), catalogue(rules));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
