import { resolveLimits, type LimitSource } from "../gateway/limits";
import { buffersOf } from "../gateway/memory";
import type { ClientSpec } from "./clients";
import type { Report } from "./fault";
import type { At } from "./path";
import { GATEWAY_RESOURCES } from "./replica";
import { mostRequests, type Server } from "./server";

/** What the limits of a tenant's gateway come from: those of its file, what follows from its server, and the gateway's memory. */
export function gatewayLimits(server: Server): Required<LimitSource> {
  return {
    limits: {
      ...server.limits,
      // Another context length than the server's would reload the model.
      contextLength: server.contextLength,
      keepAlive: server.keepAlive,
      maxActiveRequests: mostRequests(server),
    },
    memoryBytes: GATEWAY_RESOURCES.memoryBytes,
  };
}

/**
 * Checks that the longest body that is let in finds room in the memory of the gateway.
 *
 * @param server The tenant's server.
 * @param clients The tenant's clients, in the order of their declaration.
 * @param at Leads to what is below the tenant.
 */
export function checkBodies(
  server: Server,
  clients: readonly Pick<ClientSpec, "maxBodyBytes">[],
  at: At,
  report: Report,
): void {
  const { limits, memoryBytes } = gatewayLimits(server);
  const { longestBody } = buffersOf(memoryBytes, resolveLimits(limits));
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
