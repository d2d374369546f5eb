import * as path from "node:path";
import { ensureTools } from "../../../tools/install";
import { type Finding, type ManifestFolder, ownerOf } from "./finding";
import { judgeOutput } from "./run";
import { SCHEMA_FILE } from "./schemas";

interface Report {
  resources: { filename: string; status: string; msg: string }[];
}

/** What kubeconform refuses by the schemas of a folder. A kind without schema is refused too. */
export async function kubeconform(folders: readonly ManifestFolder[], schemas: string): Promise<Finding[]> {
  const program = (await ensureTools(["kubeconform"])).path("kubeconform");
  const options = ["-strict", "-output", "json", "-n", "2", "-verbose", "-schema-location"];
  const directories = folders.map(({ directory }) => directory);
  const output = await judgeOutput(program, [...options, path.join(schemas, SCHEMA_FILE), ...directories]);
  const { resources } = JSON.parse(output) as Report;
  const given = folders.reduce((sum, { objects }) => sum + objects.size, 0);
  if (resources.length !== given) throw new Error(`kubeconform looked at ${resources.length} of ${given} objects`);
  return resources
    .filter(({ status }) => status !== "statusValid")
    .map(({ filename, status, msg }) => ({
      judge: "kubeconform",
      check: status,
      ...ownerOf(folders, filename),
      message: msg,
    }));
}
