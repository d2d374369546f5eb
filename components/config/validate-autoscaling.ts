import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { below, type At } from "../spec/path";
import type { TenantSpec } from "../spec/index";

/** Checks the bounds of each tenant's autoscaler, and that its target is one that its servers have. */
export function validateAutoscaling({ spec: { tenants } }: Declared, report: Report): void {
  for (const { item, index } of present(tenants)) {
    validateBounds(item, below("tenants", index), report);
    validateTarget(item, below("tenants", index), report);
  }
}

function validateBounds({ autoscaling }: Draft<TenantSpec>, at: At, report: Report): void {
  const { minReplicas = 1, maxReplicas } = autoscaling ?? {};
  if (maxReplicas === undefined || minReplicas <= maxReplicas) return;
  report({
    path: at("autoscaling", "minReplicas"),
    value: minReplicas,
    restsOn: [at("autoscaling", "maxReplicas")],
    problem: `is above \`maxReplicas\`, ${maxReplicas}`,
    allowed: `at most ${maxReplicas}`,
    fix: `set \`maxReplicas: ${minReplicas}\` or more, or lower \`minReplicas\``,
  });
}

/** A target that the autoscaler would not look at is refused, because whoever wrote it counts on it. */
function validateTarget({ autoscaling, server }: Draft<TenantSpec>, at: At, report: Report): void {
  const { targetCpuPercent, targetRequestsInFlight } = autoscaling ?? {};
  const gpus = server?.gpus ?? 0;
  const restsOn = [at("server", "gpus")];
  if (gpus > 0 && targetCpuPercent !== undefined) {
    report({
      path: at("autoscaling", "targetCpuPercent"),
      value: targetCpuPercent,
      restsOn,
      problem: "has no effect: servers with GPUs scale by requests in flight",
      fix: "use `targetRequestsInFlight`",
      at: "key",
    });
  }
  if (gpus === 0 && targetRequestsInFlight !== undefined) {
    report({
      path: at("autoscaling", "targetRequestsInFlight"),
      value: targetRequestsInFlight,
      restsOn,
      problem: "has no effect: servers without GPU scale by CPU",
      fix: "use `targetCpuPercent`",
      at: "key",
    });
  }
}
