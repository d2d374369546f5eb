/** The control of the benchmark: the same Envoy passing requests through without looking at them. */
import { BOOTSTRAP_FILE } from "../../components/gateway";

interface Filter {
  name: string;
}

/**
 * Changes a gateway's files so that Envoy forwards everything: no guard, no decision, no log, no counters by client.
 * Listeners, connection manager, routes and the cluster stay as they are.
 */
export function makePlain(files: Record<string, string>): void {
  removeGuard(files, false);
}

/** The same, but the log and the counters stay; what the guard would have written into them is missing. */
export function makePlainWithLog(files: Record<string, string>): void {
  removeGuard(files, true);
}

function removeGuard(files: Record<string, string>, log: boolean): void {
  const bootstrap = JSON.parse(files[BOOTSTRAP_FILE] ?? "") as {
    static_resources: {
      listeners: {
        filter_chains: { filters: { typed_config: { http_filters: Filter[]; access_log?: unknown } }[] }[];
      }[];
    };
  };
  const manager = bootstrap.static_resources.listeners[0]?.filter_chains[0]?.filters[0]?.typed_config;
  if (manager === undefined) throw new Error("the gateway's bootstrap has no connection manager");
  manager.http_filters = manager.http_filters.filter((filter) => filter.name === "envoy.filters.http.router");
  if (!log) delete manager.access_log;
  files[BOOTSTRAP_FILE] = JSON.stringify(bootstrap);
}
