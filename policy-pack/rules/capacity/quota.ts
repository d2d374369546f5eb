import { show } from "../../model/fault";
import { record } from "../../model/json";
import { quotaKey, quotaLimits, unscopedQuotas } from "../../readers/capacity";
import { formatMilli, parseMilli } from "../../model/quantity";
import { CLAIM_COUNTS, deviceQuotaKey } from "../../readers/device-claims";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** Quota keys on claims, where a driver gives out devices by them. */
function claimedKeys(deviceClasses: readonly string[]): string[] {
  return deviceClasses.length === 0 ? [] : [...CLAIM_COUNTS, ...deviceClasses.map(deviceQuotaKey)];
}

export const rule: Rule = {
  id: "capacity/quota",
  title:
    "Every tenant namespace has a quota on compute, storage, GPUs and object counts, and none on exposed ports but zero.",
  severity: "high",
  scope: "cluster",
  frameworks: [nsa("Resource policies"), owasp("K01")],
  remediation: "Add the keys to a ResourceQuota without scopes in the tenant's namespace.",
  configuredBy: ["capacity", "pools"],
  check: (model, { capacity, pools }) => {
    const claimed = claimedKeys(pools.deviceClasses);
    return model.tenantNamespaces().flatMap((namespace): Finding[] => {
      const quotas = unscopedQuotas(model, namespace.name);
      const limits = quotaLimits(model, namespace.name);
      const object = quotas[0] ?? namespaceObject(namespace);
      if (quotas.length === 0)
        return [
          {
            object,
            field: "metadata.name",
            message: "has no ResourceQuota without scopes: one tenant could take the whole cluster.",
          },
        ];
      const written = new Set(
        quotas.flatMap((quota) => Object.keys(record(record(quota.object.spec).hard)).map(quotaKey)),
      );
      // What a driver gives out is the servers': their namespaces have a limit on it, and workspaces none but zero.
      const open = namespace.workspace ? [] : claimed;
      const missing = [...capacity.requiredQuota, ...open]
        .map(quotaKey)
        // A value that cannot be read is a fault of its own.
        .filter((key) => limits[key] === undefined && !written.has(key))
        .map((key) => ({
          object,
          field: `spec.hard["${key}"]`,
          message: "is missing, so the tenant's use of it has no end.",
          fix: `Add ${key} to the hard limits of a ResourceQuota without scopes; "0" if the tenant needs none.`,
        }));
      const exposed = [...new Set([...capacity.zeroQuota, ...claimed])]
        .map(quotaKey)
        .filter((key) => limits[key] !== 0n && !open.includes(key))
        .map((key) => ({
          object,
          field: `spec.hard["${key}"]`,
          message: `is ${limits[key] === undefined ? "missing" : formatMilli(limits[key])}; nothing but 0 is allowed.`,
          fix: `Set ${key} to "0".`,
        }));
      const unreadable = quotas.flatMap((quota) =>
        Object.entries(record(record(quota.object.spec).hard))
          .filter(([, value]) => parseMilli(value) === undefined)
          .map(([key, value]) => ({
            object: quota,
            field: `spec.hard["${key}"]`,
            message: `is ${show(value)}, which is no quantity.`,
            fix: "Write a Kubernetes quantity, for example 8, 500m or 16Gi.",
          })),
      );
      return [...missing, ...exposed, ...unreadable];
    });
  },
};
