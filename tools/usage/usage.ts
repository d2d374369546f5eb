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

/** The figures, and what was left out of them. */
export interface UsageReport {
  rows: Usage[];
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
  const rows = new Map<string, Usage>();
  const strangers = new Set<string>();
  for (const [figure, { metric, divisor }] of Object.entries(METRICS) as [Figure, (typeof METRICS)[Figure]][]) {
    for (const { metric: labels, value } of await query(args, metric, token)) {
      const { namespace, tenant = "", client = "", model = "" } = labels;
      // A pod says itself which tenant it is; its namespace comes from who has found it.
      if (namespace !== tenantNamespace(tenant)) {
        strangers.add(namespace ?? "(no namespace)");
        continue;
      }
      const key = JSON.stringify([tenant, client, model]);
      const row = rows.get(key) ?? { tenant, client, model, promptTokens: 0, completionTokens: 0, modelSeconds: 0 };
      row[figure] += Number(value[1]) / divisor;
      rows.set(key, row);
    }
  }
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  return { rows: sorted, strangers: [...strangers].sort() };
}

async function query({ prometheus, from, to, tenant }: UsageArguments, metric: string, token?: string) {
  const seconds = Math.ceil((to.getTime() - from.getTime()) / 1000);
  const selector = tenant === undefined ? "" : `{tenant="${tenant}"}`;
  const expression = `sum by (namespace, tenant, client, model) (increase(${metric}${selector}[${seconds}s]))`;
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
