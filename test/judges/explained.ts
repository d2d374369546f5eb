/** Findings of the judges that stay, each with the reason. */
import type { Finding } from "./support/finding";

/** Findings of a judge's checks on the objects whose name matches, and why they need no change. */
export interface Explained extends Pick<Finding, "judge"> {
  checks: readonly string[];
  objects: RegExp;
  reason: string;
}

/** ConfigMaps that hold programs: the guard of the gateway, and the loader of models. */
const PROGRAMS = /^ConfigMap (tenant-[a-z]+\/gateway-config|ollama-platform-system\/model-loader-program)-[0-9a-f]+$/;

/** The checked list: the suite fails for a finding that is not in it, and for an entry that matches none. */
export const explained: readonly Explained[] = [
  {
    judge: "kube-score",
    checks: ["container-image-pull-policy"],
    objects: /^(Deployment tenant-[a-z]+\/ollama|Job ollama-platform-system\/model-loader-[0-9a-f]+)$/,
    reason:
      "Images are pinned by digest where tenants share anything (images/pinned), so that a node's copy is the same bytes. Asking the registry at each start would stop every server that restarts while the registry is away.",
  },
  {
    judge: "kube-score",
    checks: ["deployment-has-host-podantiaffinity"],
    objects: /^Deployment tenant-[a-z]+\/ollama$/,
    reason:
      "Topology spread constraints over hosts and zones do it, which kube-score does not read. They count the pods of the newest version only, so that a roll-out has room.",
  },
  {
    judge: "kube-score",
    checks: ["horizontalpodautoscaler-replicas"],
    objects: /^HorizontalPodAutoscaler tenant-[a-z]+\/ollama$/,
    reason: "How many replicas a tenant pays for is declared in its file; one is a choice, not an oversight.",
  },
  {
    judge: "kube-score",
    checks: ["deployment-replicas"],
    objects: /^Deployment tenant-[a-z]+\/ollama$/,
    reason: "As for autoscalers: the number of replicas is the tenant's declaration.",
  },
  {
    judge: "trivy",
    checks: ["KSV-0039"],
    objects: /^LimitRange /,
    reason:
      "The check wants min and max too. Defaults are what containers without amounts need; the most is set by the namespace's quota, and a least amount protects nobody.",
  },
  {
    judge: "trivy",
    checks: ["KSV-0040"],
    objects: /^ResourceQuota \S+\/(?!quota$)/,
    reason: "These quotas count pods of a scope, beside the one on CPU and memory that every namespace has.",
  },
  {
    judge: "trivy",
    checks: ["KSV-0048"],
    objects: /^Role tenant-[a-z]+\/operator$/,
    reason:
      "A tenant's operators may delete their own pods, which restarts a server. They may create or change none: rbac/no-workload-writing.",
  },
  {
    judge: "trivy",
    checks: ["KSV-0048", "KSV-0049", "KSV-0053", "KSV-0056", "KSV-0113"],
    objects: /^Role tenant-[a-z]+-apps\/developer$/,
    reason:
      "A workspace is the place where a tenant's developers deploy and debug programs of their own. What they write is held by the admission guard, and the namespace has nothing of the server's.",
  },
  {
    judge: "kube-score",
    checks: ["networkpolicy-targets-pod"],
    objects: /^NetworkPolicy tenant-[a-z]+-apps\//,
    reason: "The pods of a workspace are its developers', and none is declared here.",
  },
  {
    judge: "trivy",
    checks: ["KSV-01010"],
    objects: PROGRAMS,
    reason:
      "What is taken for a key is a word in a program's text. Keys reach the gateway as hashes in a Secret; the rule secrets/not-in-config-maps looks for real ones.",
  },
  {
    judge: "trivy",
    // Which of the two it is depends on the program's text.
    checks: ["KSV-0109", "error"],
    objects: PROGRAMS,
    reason:
      "The line that is taken for a secret assigns to a name that ends in token, and the check stops with an error at one that has both a colon and an equals sign after such a word. The ConfigMap holds a program, and secrets/not-in-config-maps looks for secrets in it.",
  },
  {
    judge: "trivy",
    checks: ["KSV-0125"],
    objects: /^(Deployment tenant-[a-z]+\/ollama|Job ollama-platform-system\/model-loader-[0-9a-f]+)$/,
    reason:
      "The check knows the registries of three clouds only. Which registries are trusted is the operator's configuration, and the rule images/registries holds images to it.",
  },
];

/** Whether an entry explains a finding. */
export function explains({ judge, checks, objects }: Explained, finding: Finding): boolean {
  return judge === finding.judge && checks.includes(finding.check) && objects.test(finding.object);
}

/** Findings that no entry explains, and entries that explain nothing. */
export function unresolved(
  entries: readonly Explained[],
  findings: readonly Finding[],
): { open: Finding[]; stale: Explained[] } {
  return {
    open: findings.filter((finding) => !entries.some((entry) => explains(entry, finding))),
    stale: entries.filter((entry) => !findings.some((finding) => explains(entry, finding))),
  };
}
