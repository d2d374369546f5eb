/** The figures of usage as a table and as comma-separated values. */
import { formatTable } from "../local/table";
import type { BudgetUse, Usage, UsageReport } from "./usage";

const COLUMNS = ["tenant", "client", "model", "prompt tokens", "answer tokens", "model seconds"];

const cells = ({ tenant, client, model, promptTokens, completionTokens, modelSeconds }: Usage): string[] => [
  tenant,
  client,
  model,
  String(Math.round(promptTokens)),
  String(Math.round(completionTokens)),
  modelSeconds.toFixed(1),
];

const BUDGET_COLUMNS = ["tenant", "client", "budget", "used", "until"];

const budgetCells = ({ tenant, client, budget, percent, ends }: BudgetUse): string[] => [
  tenant,
  client,
  budget,
  `${percent} %`,
  ends.toISOString().replace(".000", ""),
];

/** The figures with a sum for each tenant, and the budgets, as lines. */
export function printUsage({ rows, budgets, strangers }: UsageReport): string[] {
  const tenants = [...new Set(rows.map(({ tenant }) => tenant))];
  const lines = tenants.flatMap((tenant) => {
    const own = rows.filter((row) => row.tenant === tenant);
    return [...own.map(cells), cells({ ...sumOf(own), tenant, client: "(all)", model: "" })];
  });
  const table =
    lines.length === 0 ? "nothing was used, or nothing is scraped" : formatTable(COLUMNS.map(upper), lines).trimEnd();
  const left = strangers.map((namespace) => `left out: pods of ${namespace} speak for a tenant that is not theirs`);
  const used = budgets.length === 0 ? [] : ["", formatTable(BUDGET_COLUMNS.map(upper), budgets.map(budgetCells))];
  return [table, ...used, ...left];
}

const upper = (text: string): string => text.toUpperCase();

function sumOf(rows: Usage[]): Pick<Usage, "promptTokens" | "completionTokens" | "modelSeconds"> {
  const sum = { promptTokens: 0, completionTokens: 0, modelSeconds: 0 };
  for (const row of rows) {
    sum.promptTokens += row.promptTokens;
    sum.completionTokens += row.completionTokens;
    sum.modelSeconds += row.modelSeconds;
  }
  return sum;
}

/** The figures as comma-separated values, with a line of names. */
export function csvOf({ rows }: UsageReport): string {
  const lines = [COLUMNS.map((name) => name.replace(" ", "_")), ...rows.map(cells)];
  return lines.map((line) => `${line.map(quoted).join(",")}\n`).join("");
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
