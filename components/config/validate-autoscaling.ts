import type { Checked, PlatformDraft, TenantFile } from "./documents";

const at = (key: string) => ["spec", "autoscaling", key];

/** Checks the bounds of each tenant's autoscaler, and that its target is one that its servers have. */
export function validateAutoscaling({ tenants }: PlatformDraft): void {
  for (const tenant of tenants) {
    validateBounds(tenant);
    validateTarget(tenant);
  }
}

function validateBounds({ draft, report }: Checked<TenantFile>): void {
  const { minReplicas = 1, maxReplicas } = draft.spec?.autoscaling ?? {};
  if (maxReplicas === undefined || minReplicas <= maxReplicas) return;
  report({
    path: at("minReplicas"),
    value: minReplicas,
    restsOn: [at("maxReplicas")],
    problem: `is above \`maxReplicas\`, ${maxReplicas}`,
    allowed: `at most ${maxReplicas}`,
    fix: `set \`maxReplicas: ${minReplicas}\` or more, or lower \`minReplicas\``,
  });
}

/** A target that the autoscaler would not look at is refused, because whoever wrote it counts on it. */
function validateTarget({ draft, report }: Checked<TenantFile>): void {
  const { targetCpuPercent, targetRequestsInFlight } = draft.spec?.autoscaling ?? {};
  const gpus = draft.spec?.server?.gpus ?? 0;
  const restsOn = [["spec", "server", "gpus"]];
  if (gpus > 0 && targetCpuPercent !== undefined) {
    report({
      path: at("targetCpuPercent"),
      value: targetCpuPercent,
      restsOn,
      problem: "has no effect: servers with GPUs scale by requests in flight",
      fix: "use `targetRequestsInFlight`",
      at: "key",
    });
  }
  if (gpus === 0 && targetRequestsInFlight !== undefined) {
    report({
      path: at("targetRequestsInFlight"),
      value: targetRequestsInFlight,
      restsOn,
      problem: "has no effect: servers without GPU scale by CPU",
      fix: "use `targetCpuPercent`",
      at: "key",
    });
  }
}
