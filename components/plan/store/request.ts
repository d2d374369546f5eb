import type { CatalogueModel } from "../../models/catalogue";
import { sortedBy } from "../../spec/draft";
import type { Tenant } from "../../spec/tenant";
import type { ModelStore } from "../../spec/model-store";

/** What the loader is asked for; `components/store/loader/request.mjs` reads it. */
export interface LoadRequest {
  schemaVersion: 1;
  models: { name: string; source: string; digest?: string }[];
  /** Models of each tenant; empty for a store of one tenant. */
  views: Record<string, string[]>;
  plainHttpHosts: string[];
  maxBytes: number;
}

/** A shared store: each model that a tenant may use, once, and who sees which. */
export function sharedRequest(tenants: Tenant[], store: ModelStore): LoadRequest {
  return request(
    tenants.flatMap(({ models }) => models.allowedModels),
    Object.fromEntries(tenants.map(({ name, models }) => [name, models.allow])),
    store,
  );
}

/** A tenant's own store: its models, which its servers read where they lie. */
export function dedicatedRequest({ models }: Tenant, store: ModelStore): LoadRequest {
  return request(models.allowedModels, {}, store);
}

function request(models: CatalogueModel[], views: Record<string, string[]>, store: ModelStore): LoadRequest {
  const byName = new Map(
    models.map(({ name, source, digest }) => [name.canonical, { name: name.canonical, source, digest }]),
  );
  return {
    schemaVersion: 1,
    models: sortedBy([...byName.values()], ({ name }) => name),
    views: Object.fromEntries(Object.entries(views).sort(([a], [b]) => (a < b ? -1 : 1))),
    plainHttpHosts: store.plainHttpHosts,
    maxBytes: store.bytes,
  };
}
