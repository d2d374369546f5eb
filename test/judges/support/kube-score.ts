import { ensureTools } from "../../../tools/install";
import { type Finding, type ManifestFolder, ownerOf } from "./finding";
import { judgeOutput } from "./run";

/** From this grade on an object passes a check: kube-score's own "almost" and "all ok". */
const PASSED = 7;

interface ScoredObject {
  file_name: string;
  checks: {
    check: { id: string };
    grade: number;
    skipped: boolean;
    comments: { path: string; summary: string; description: string }[] | null;
  }[];
}

/**
 * What kube-score finds, with its optional checks, in the version of Kubernetes that the local cluster runs. Each stack
 * is judged by itself: kube-score looks for the policies and budgets of a pod among all that it is given.
 */
export async function kubeScore(folders: readonly ManifestFolder[]): Promise<Finding[]> {
  const program = (await ensureTools(["kube-score"])).path("kube-score");
  const options = ["--output-format", "json", "--all-default-optional", "--kubernetes-version", "v1.36"];
  const findings: Finding[] = [];
  for (const folder of folders) {
    const output = await judgeOutput(program, ["score", ...options, ...folder.objects.keys()]);
    findings.push(...(JSON.parse(output) as ScoredObject[]).flatMap((scored) => failed(folder, scored)));
  }
  return findings;
}

function failed(folder: ManifestFolder, { file_name: file, checks }: ScoredObject): Finding[] {
  return checks
    .filter(({ grade, skipped }) => !skipped && grade < PASSED)
    .map(({ check, comments }) => ({
      judge: "kube-score",
      check: check.id,
      ...ownerOf([folder], file),
      message: (comments ?? []).map(({ path, summary }) => `${path} ${summary}`.trim()).join("; "),
    }));
}
