/** The monitor's metrics in Prometheus' text format. What is not known now is left out: absence is no zero. */
import { failedLoaders, quotaUses, ruleOf, violationsOf } from "./figures";
import type { MonitorState } from "./monitor";

/** One metric with its samples. */
interface Metric {
  name: string;
  type: "gauge" | "counter";
  help: string;
  samples: { labels?: Record<string, string>; value: number }[];
}

/** Checks by name; one that has never succeeded is shown with time 0, so that it is as late as can be. */
export const CHECK_NAMES = ["reading", "presence", "rules", "declared", "quotas", "health", "reports"] as const;

/** Media type of the format. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** All metrics of now. */
export function renderMetrics(state: MonitorState): string {
  return [...monitorMetrics(state), ...declaredMetrics(state), ...clusterMetrics(state)].map(render).join("");
}

/** How the monitor itself fares. */
function monitorMetrics(state: MonitorState): Metric[] {
  const { evaluations, seconds, gaps, gapMilliseconds, missedChanges, requests, followed, reports } = state.counts();
  const successes = state.lastSuccess();
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    {
      name: "ollama_monitor_info",
      type: "gauge",
      help: "1, with the name of the ConfigMap from which the monitor knows what is declared.",
      samples: [{ labels: { declaration: state.declaration.name }, value: 1 }],
    },
    gauge(
      "ollama_monitor_current",
      "1 while everything is followed and evaluated in time, else 0.",
      state.isCurrent() ? 1 : 0,
    ),
    {
      name: "ollama_monitor_check_last_success_timestamp_seconds",
      type: "gauge",
      help: "When the check last decided everything; 0 when it never has.",
      samples: CHECK_NAMES.map((check) => ({
        labels: { check },
        value: (successes.get(check)?.getTime() ?? 0) / 1000,
      })),
    },
    gauge(
      "ollama_monitor_last_evaluation_timestamp_seconds",
      "When the last evaluation ended.",
      (state.evaluated()?.getTime() ?? 0) / 1000,
    ),
    gauge("ollama_monitor_evaluation_seconds", "What the last evaluation took.", seconds),
    counter("ollama_monitor_evaluations_total", "Evaluations.", evaluations),
    counter("ollama_monitor_gaps_total", "Times in which a kind of object was not seen.", gaps),
    counter(
      "ollama_monitor_gap_seconds_total",
      "How long kinds of objects were not seen, together.",
      gapMilliseconds / 1000,
    ),
    counter(
      "ollama_monitor_missed_changes_total",
      "Changes of which only the outcome was seen, after a gap.",
      missedChanges,
    ),
    counter("ollama_monitor_api_requests_total", "Requests to the API server, without watches.", requests),
    counter("ollama_monitor_policy_reports_written_total", "Policy reports that were written or removed.", reports),
    gauge("ollama_monitor_followed_resources", "Kinds of objects that are followed.", followed),
    gauge("process_resident_memory_bytes", "Memory of the process.", rss),
    counter("process_cpu_seconds_total", "Processor time of the process.", (user + system) / 1e6),
  ];
}

/** What is known from the declaration alone. */
function declaredMetrics({ declaration }: MonitorState): Metric[] {
  return [
    {
      name: "ollama_client_expiry_timestamp_seconds",
      type: "gauge",
      help: "When the keys or tokens of a client end.",
      samples: declaration.expiries.map(({ tenant, client, expires }) => ({
        labels: { tenant, client },
        value: Date.parse(expires) / 1000,
      })),
    },
  ];
}

/** What the last evaluation says of the cluster; nothing while it is not of now. */
function clusterMetrics(state: MonitorState): Metric[] {
  const evaluation = state.evaluation();
  if (evaluation === undefined || !state.isCurrent()) return [];
  const violations = violationsOf(evaluation);
  const uses = quotaUses(evaluation);
  const quota = (name: string, help: string, value: "used" | "hard"): Metric => ({
    name,
    type: "gauge",
    help,
    samples: uses.map(({ tenant, namespace, quota: of, resource, ...amounts }) => ({
      labels: { tenant, namespace, quota: of, resource },
      value: amounts[value],
    })),
  });
  const unready = evaluation.runs
    .filter(({ check }) => check === "health")
    .flatMap(({ results }) => results)
    .filter(({ outcome }) => outcome === "open");
  return [
    {
      name: "ollama_isolation_violations",
      type: "gauge",
      help: "Violations by tenant and rule; the tenant is empty where it is the cluster's.",
      samples: counted(violations.map((result) => ({ tenant: result.tenant ?? "", rule: ruleOf(result) }))),
    },
    {
      name: "ollama_isolation_tenant_violations",
      type: "gauge",
      help: "Violations of each tenant; 0 where there are none. The tenant is empty for the cluster.",
      samples: ["", ...state.declaration.tenants.map(({ name }) => name)].map((tenant) => ({
        labels: { tenant },
        value: violations.filter((result) => (result.tenant ?? "") === tenant).length,
      })),
    },
    {
      name: "ollama_monitor_check_results",
      type: "gauge",
      help: "Results of the last evaluation by check and outcome.",
      samples: counted(
        evaluation.runs.flatMap(({ check, results }) => results.map(({ outcome }) => ({ check, outcome }))),
      ),
    },
    {
      name: "ollama_server_unready",
      type: "gauge",
      help: "Servers of a tenant that are missing or have too few ready pods.",
      samples: counted(unready.map(({ tenant = "" }) => ({ tenant }))),
    },
    quota("ollama_quota_used", "Use of a limit of a tenant's ResourceQuota, in the resource's unit.", "used"),
    quota("ollama_quota_hard", "A limit of a tenant's ResourceQuota, in the resource's unit.", "hard"),
    {
      name: "ollama_model_loader_failed",
      type: "gauge",
      help: "Jobs that load models and have failed.",
      samples: failedLoaders(evaluation).map((labels) => ({ labels, value: 1 })),
    },
  ];
}

const gauge = (name: string, help: string, value: number): Metric => ({
  name,
  type: "gauge",
  help,
  samples: [{ value }],
});
const counter = (name: string, help: string, value: number): Metric => ({
  name,
  type: "counter",
  help,
  samples: [{ value }],
});

/** How often each set of labels comes. */
function counted(all: Record<string, string>[]): Metric["samples"] {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>();
  for (const labels of all) {
    const key = JSON.stringify(labels);
    const entry = counts.get(key) ?? { labels, value: 0 };
    entry.value += 1;
    counts.set(key, entry);
  }
  return [...counts.values()];
}

function render({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ labels = {}, value }) => `${name}${renderLabels(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function renderLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
