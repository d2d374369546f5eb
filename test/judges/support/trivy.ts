import { ensureTools } from "../../../tools/install";
import { type Finding, type ManifestFolder, ownerOf } from "./finding";
import { judgeOutput } from "./run";

interface Report {
  files: number;
  passed: number;
  findings: { file: string; check: string; title: string; message: string }[];
}

/** What trivy's checks for Kubernetes find, by the checks that its module carries: nothing is fetched. */
export async function trivy(folders: readonly ManifestFolder[]): Promise<Finding[]> {
  const program = (await ensureTools(["trivy-kubernetes"])).path("trivy-kubernetes");
  const output = await judgeOutput(
    program,
    folders.map(({ directory }) => directory),
  );
  const { files, passed, findings } = JSON.parse(output) as Report;
  const given = folders.reduce((sum, { objects }) => sum + objects.size, 0);
  if (files !== given) throw new Error(`trivy looked at ${files} of ${given} objects`);
  if (passed === 0) throw new Error("trivy has applied no check");
  return findings.map(({ file, check, title, message }) => ({
    judge: "trivy",
    check,
    ...ownerOf(folders, file),
    message: `${title}: ${message}`,
  }));
}
