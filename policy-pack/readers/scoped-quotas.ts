/** Quotas that hold for a part of a namespace's pods only. */
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import { list, record } from "../model/json";
import { parseMilli } from "../model/quantity";

/** The one condition of a quota that forbids every pod to which the condition applies. */
export interface ForbiddingScope {
  quota: ModelObject;
  scopeName?: string;
  operator?: string;
  values: readonly string[];
}

/** Quotas of a namespace that allow no pod of one scope; with several conditions a quota would forbid fewer pods. */
export function forbiddingScopes(model: ClusterModel, namespace: string): ForbiddingScope[] {
  return model.inNamespace(namespace).flatMap((quota) => {
    if (quota.object.kind !== "ResourceQuota" || quota.opaque !== undefined) return [];
    const { hard, scopes, scopeSelector } = record(quota.object.spec);
    const expressions = list(record(scopeSelector).matchExpressions as Record<string, unknown>[]);
    const [only] = expressions;
    const closed = parseMilli(record(hard).pods) === 0n;
    if (!closed || only === undefined || expressions.length > 1 || list(scopes as string[]).length > 0) return [];
    const { scopeName, operator, values } = only as { scopeName?: string; operator?: string; values?: string[] };
    return [{ quota, scopeName, operator, values: list(values) }];
  });
}
