/** Grafana's dashboards: one of the platform, one of a tenant. Their files in `monitoring/dashboards` are made from this one. */

/** One panel. Its queries are PromQL. */
export interface Panel {
  title: string;
  /** What a reader should know to judge what it shows. */
  description: string;
  queries: { expr: string; legend: string }[];
  kind: "stat" | "timeseries" | "table";
  /** Grafana's name of the unit. Default: a plain number. */
  unit?: string;
  /** Width in Grafana's grid of 24 columns. Default: 12. */
  width?: number;
}

/** A dashboard. */
export interface Dashboard {
  uid: string;
  title: string;
  panels: readonly Panel[];
  /** The one tenant that it shows; absent for the platform's. */
  tenant?: string;
}

const one = (expr: string, legend: string): Panel["queries"] => [{ expr, legend }];

const platform: Dashboard = {
  uid: "ollama-platform",
  title: "Ollama platform",
  panels: [
    {
      title: "Violations",
      description: "What does not hold on the cluster now. No data: the monitor does not know, which is no good news.",
      kind: "stat",
      width: 6,
      queries: one("sum(ollama_isolation_tenant_violations)", "open"),
    },
    {
      title: "Monitor",
      description: "1: it sees everything and is in time.",
      kind: "stat",
      width: 6,
      queries: one("min(ollama_monitor_current)", "current"),
    },
    {
      title: "Oldest check",
      description: "Time since the check that has waited longest for a success.",
      kind: "stat",
      width: 6,
      unit: "s",
      queries: one("time() - min(ollama_monitor_check_last_success_timestamp_seconds)", "age"),
    },
    {
      title: "Time not seen in a day",
      description: "How long some kind of object was not seen, for example while the API server was away.",
      kind: "stat",
      width: 6,
      unit: "s",
      queries: one("sum(increase(ollama_monitor_gap_seconds_total[1d]))", "away"),
    },
    {
      title: "Violations by tenant and rule",
      description: "The monitor's page names object, field and who wrote it last.",
      kind: "table",
      queries: one("sum by (tenant, rule) (ollama_isolation_violations)", "{{tenant}} {{rule}}"),
    },
    {
      title: "Quotas nearest to their end",
      description: "Share of a limit that is used.",
      kind: "timeseries",
      unit: "percentunit",
      queries: one("topk(10, ollama_quota_used / ollama_quota_hard)", "{{tenant}} {{resource}}"),
    },
    {
      title: "Requests by tenant",
      description: "What gateways decided, per second.",
      kind: "timeseries",
      unit: "reqps",
      queries: one("sum by (tenant, decision) (rate(envoy_gateway_requests[5m]))", "{{tenant}} {{decision}}"),
    },
    {
      title: "Refused requests by rule",
      description: "docs/gateway.md explains the rules.",
      kind: "timeseries",
      unit: "reqps",
      queries: one('sum by (rule) (rate(envoy_gateway_requests{decision="deny"}[5m]))', "{{rule}}"),
    },
    {
      title: "Requests in flight and waiting",
      description: "What autoscalers of tenants with GPUs follow.",
      kind: "timeseries",
      queries: one(
        'sum by (namespace) ({__name__=~"envoy_cluster_upstream_rq_(active|pending_active)",envoy_cluster_name="ollama"})',
        "{{namespace}}",
      ),
    },
    {
      title: "Generated tokens by tenant",
      description: "Tokens of answers, per second.",
      kind: "timeseries",
      queries: one("sum by (tenant) (rate(envoy_gateway_completion_tokens[5m]))", "{{tenant}}"),
    },
  ],
};

/** The variable in the queries of a tenant's dashboard. */
export const TENANT_VARIABLE = "$tenant";
const OWN = `tenant="${TENANT_VARIABLE}"`;
const SERVERS = `namespace="tenant-${TENANT_VARIABLE}"`;

const tenant: Dashboard = {
  uid: "ollama-tenant",
  title: "Ollama of one tenant",
  tenant: "hr",
  panels: [
    {
      title: "Violations",
      description: "What does not hold on the cluster now. No data: nobody knows.",
      kind: "stat",
      width: 6,
      queries: one(`sum(ollama_isolation_tenant_violations{${OWN}})`, "open"),
    },
    {
      title: "Clients' days left",
      description: "Until the keys or tokens of a client end; clients without an end are not shown.",
      kind: "stat",
      width: 6,
      unit: "s",
      queries: one(`ollama_client_expiry_timestamp_seconds{${OWN}} - time()`, "{{client}}"),
    },
    {
      title: "Quota",
      description: "Share of each limit that is used.",
      kind: "timeseries",
      unit: "percentunit",
      queries: one(`ollama_quota_used{${OWN}} / ollama_quota_hard{${OWN}}`, "{{resource}}"),
    },
    {
      title: "Requests by client",
      description: "What the gateways decided, per second.",
      kind: "timeseries",
      unit: "reqps",
      queries: one(
        `sum by (client, decision, rule) (rate(envoy_gateway_requests{${OWN}}[5m]))`,
        "{{client}} {{decision}} {{rule}}",
      ),
    },
    {
      title: "Requests in flight and waiting",
      description: "At autoscaling.targetRequestsInFlight for each replica, another one is added.",
      kind: "timeseries",
      queries: [
        {
          expr: `sum(envoy_cluster_upstream_rq_active{${SERVERS},envoy_cluster_name="ollama"})`,
          legend: "in flight",
        },
        {
          expr: `sum(envoy_cluster_upstream_rq_pending_active{${SERVERS},envoy_cluster_name="ollama"})`,
          legend: "waiting",
        },
      ],
    },
    {
      title: "Time to answer",
      description: "Of 95 percent of the requests, from the first byte to the last.",
      kind: "timeseries",
      unit: "ms",
      queries: one(
        `histogram_quantile(0.95, sum by (le) (rate(envoy_cluster_upstream_rq_time_bucket{${SERVERS},envoy_cluster_name="ollama"}[5m])))`,
        "p95",
      ),
    },
    {
      title: "Tokens by client and model",
      description: "Tokens of answers, per second.",
      kind: "timeseries",
      queries: one(
        `sum by (client, model) (rate(envoy_gateway_completion_tokens{${OWN}}[5m]))`,
        "{{client}} {{model}}",
      ),
    },
    {
      title: "Budgets",
      description: "Share of this day's or month's budgets that is used, on the replica that has counted most.",
      kind: "timeseries",
      unit: "percent",
      queries: one(
        `max by (client, budget) (envoy_gateway_budget_used_percent{${OWN}} and envoy_gateway_budget_ends{${OWN}} > time())`,
        "{{client}} {{budget}}",
      ),
    },
  ],
};

/** The dashboards by the names of their files. */
export const dashboards: Record<string, Dashboard> = { platform, tenant };

const COLUMNS = 24;
const HEIGHT = 8;

/** A dashboard as Grafana imports it. */
export function renderDashboard({ uid, title, panels, tenant: name }: Dashboard): string {
  let x = 0;
  let y = 0;
  const placed = panels.map((panel, index) => {
    const { width = COLUMNS / 2 } = panel;
    if (x + width > COLUMNS) [x, y] = [0, y + HEIGHT];
    const gridPos = { h: HEIGHT, w: width, x, y };
    x += width;
    return renderPanel(panel, index + 1, gridPos);
  });
  const variables =
    name === undefined ? [] : [{ name: "tenant", type: "constant", query: name, hide: 2, skipUrlSync: true }];
  const dashboard = {
    uid,
    title,
    tags: ["ollama-platform"],
    schemaVersion: 39,
    editable: false,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: [{ name: "datasource", type: "datasource", query: "prometheus" }, ...variables] },
    panels: placed,
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function renderPanel(panel: Panel, id: number, gridPos: object): object {
  const { title, description, kind, unit = "short", queries } = panel;
  const datasource = { type: "prometheus", uid: "${datasource}" };
  return {
    id,
    title,
    description,
    type: kind,
    gridPos,
    datasource,
    fieldConfig: { defaults: { unit, noValue: "not known" }, overrides: [] },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(kind === "table" && { format: "table", instant: true }),
    })),
  };
}
