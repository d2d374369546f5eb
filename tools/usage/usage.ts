/** What the clients of tenants have used, from the gateways' metrics in Prometheus. */
import { tenantNamespace } from "../../components/spec/names";
import type { UsageArguments } from "./arguments";

/** What one client has used of one model. */
export interface Usage {
  tenant: string;
  client: string;
  model: string;
  promptTokens: number;
  completionTokens: number;
  /** Seconds that the model worked, or was waited for where the API tells no durations. */
  modelSeconds: number;
}

/** How much of a budget is used at the end of the time that is asked for, on the replica that has counted most. */
export interface BudgetUse {
  tenant: string;
  /** A client, or `(all)` for all of the tenant's together. */
  client: string;
  /** Name of the setting, such as `tokensPerDay`. */
  budget: string;
  percent: number;
  /** When the budget begins again. */
  ends: Date;
}

/** The figures, and what was left out of them. */
export interface UsageReport {
  rows: Usage[];
  /** The budgets of the day and the month in which the time ends. */
  budgets: BudgetUse[];
  /** Namespaces whose pods speak for a tenant that is not theirs. */
  strangers: string[];
}

/** Prometheus does not answer, or not with figures. */
export class PrometheusError extends Error {
  override readonly name = "PrometheusError";
}

type Figure = "promptTokens" | "completionTokens" | "modelSeconds";

const METRICS: Record<Figure, { metric: string; divisor: number }> = {
  promptTokens: { metric: "envoy_gateway_prompt_tokens", divisor: 1 },
  completionTokens: { metric: "envoy_gateway_completion_tokens", divisor: 1 },
  modelSeconds: { metric: "envoy_gateway_model_milliseconds", divisor: 1000 },
};

interface Sample {
  metric: Record<string, string>;
  value: [number, string];
}

/**
 * Asks Prometheus for what was used.
 *
 * @param token Bearer token for Prometheus. Default: none.
 * @throws PrometheusError when it cannot be had.
 */
export async function readUsage(args: UsageArguments, token?: string): Promise<UsageReport> {
  const strangers = new Set<string>();
  const ask = async (expression: string) => own(await query(args, expression, token), strangers);
  const rows = await readRows(args, ask);
  const budgets = await readBudgets(args, ask);
  return { rows, budgets, strangers: [...strangers].sort() };
}

/** Asks one question. */
type Ask = (expression: string) => Promise<Sample[]>;

/** A pod says itself which tenant it is; its namespace comes from who has found it. */
function own(samples: Sample[], strangers: Set<string>): Sample[] {
  return samples.filter(({ metric: { namespace, tenant = "" } }) => {
    const isOwn = namespace === tenantNamespace(tenant);
    if (!isOwn) strangers.add(namespace ?? "(no namespace)");
    return isOwn;
  });
}

const selectorOf = ({ tenant }: UsageArguments): string => (tenant === undefined ? "" : `{tenant="${tenant}"}`);

async function readRows(args: UsageArguments, ask: Ask): Promise<Usage[]> {
  const seconds = Math.ceil((args.to.getTime() - args.from.getTime()) / 1000);
  const rows = new Map<string, Usage>();
  for (const [figure, { metric, divisor }] of Object.entries(METRICS) as [Figure, (typeof METRICS)[Figure]][]) {
    const series = `${metric}${selectorOf(args)}[${seconds}s]`;
    for (const { metric: labels, value } of await ask(
      `sum by (namespace, tenant, client, model) (increase(${series}))`,
    )) {
      const { tenant = "", client = "", model = "" } = labels;
      const key = JSON.stringify([tenant, client, model]);
      const row = rows.get(key) ?? { tenant, client, model, promptTokens: 0, completionTokens: 0, modelSeconds: 0 };
      row[figure] += Number(value[1]) / divisor;
      rows.set(key, row);
    }
  }
  return sorted(rows);
}

async function readBudgets(args: UsageArguments, ask: Ask): Promise<BudgetUse[]> {
  // A gauge keeps its last value: it speaks of the day or the month only until that ends.
  const ends = `envoy_gateway_budget_ends${selectorOf(args)} > time()`;
  const highest = (expression: string) => ask(`max by (namespace, tenant, client, budget) (${expression})`);
  const keyOf = ({ metric }: Sample) =>
    JSON.stringify(["tenant", "client", "budget"].map((name) => metric[name] ?? ""));
  const end = new Map((await highest(ends)).map((sample) => [keyOf(sample), Number(sample.value[1])]));
  const budgets = new Map<string, BudgetUse>();
  for (const sample of await highest(`envoy_gateway_budget_used_percent${selectorOf(args)} and ${ends}`)) {
    const { tenant = "", client = "", budget = "" } = sample.metric;
    const until = new Date((end.get(keyOf(sample)) ?? 0) * 1000);
    budgets.set(keyOf(sample), { tenant, client, budget, percent: Number(sample.value[1]), ends: until });
  }
  return sorted(budgets);
}

const sorted = <Row>(rows: Map<string, Row>): Row[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);

async function query({ prometheus, to }: UsageArguments, expression: string, token?: string): Promise<Sample[]> {
  const parameters = new URLSearchParams({ query: expression, time: String(to.getTime() / 1000) });
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let answer: Response;
  try {
    answer = await fetch(`${prometheus}/api/v1/query?${parameters.toString()}`, { headers });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    throw new PrometheusError(
      `${prometheus} does not answer (${cause?.code ?? "no connection"}): is it Prometheus' address?`,
    );
  }
  const body = (await answer.json().catch(() => undefined)) as
    { status?: string; error?: string; data?: { resultType?: string; result?: Sample[] } } | undefined;
  if (body?.status !== "success" || body.data?.resultType !== "vector")
    throw new PrometheusError(
      `${prometheus} answers ${answer.status}${body?.error === undefined ? "" : `: ${body.error}`}`,
    );
  return body.data.result ?? [];
}
