import { resolveLimits, type GatewayLimits } from "../gateway/limits";
import { buffersOf } from "../gateway/memory";
import type { ClientSpec } from "./clients";
import type { Report } from "./fault";
import type { At } from "./path";
import { GATEWAY_RESOURCES } from "./replica";

/**
 * Checks that the longest body that is let in finds room in the memory of the gateway.
 *
 * @param limits The tenant's limits, the requests in flight among them.
 * @param clients The tenant's clients, in the order of their declaration.
 * @param at Leads to what is below the tenant.
 */
export function checkBodies(
  limits: GatewayLimits,
  clients: readonly Pick<ClientSpec, "maxBodyBytes">[],
  at: At,
  report: Report,
): void {
  const { longestBody } = buffersOf(GATEWAY_RESOURCES.memoryBytes, resolveLimits(limits));
  const bodies = [
    { path: at("server", "limits", "maxBodyBytes"), value: limits.maxBodyBytes },
    ...clients.map(({ maxBodyBytes }, index) => ({
      path: at("access", "clients", index, "maxBodyBytes"),
      value: maxBodyBytes,
    })),
  ];
  for (const { path, value } of bodies) {
    if (value === undefined || value <= longestBody) continue;
    report({
      path,
      value,
      problem: "is more than the gateway's memory has room for",
      allowed: `at most ${longestBody}`,
      fix: `write ${longestBody} or less`,
    });
  }
}
