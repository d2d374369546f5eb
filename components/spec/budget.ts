import type { Integer } from "./forms";
import { DAY_AND_MONTH } from "../gateway/budgets";
import type { Draft } from "./draft";
import type { Report } from "./fault";
import type { At } from "./path";

/**
 * Most that models may do for a client, or for all clients of a tenant together. A month is 30 days long here; such months follow each other since 1970-01-01 (UTC).
 */
export interface BudgetSpec {
  /**
   * Most tokens of prompts and answers together, per day (UTC) and replica. Default: not limited.
   * @minimum 1 @maximum 1000000000000 @examples [2000000]
   */
  tokensPerDay?: Integer;
  /**
   * Most tokens of prompts and answers together, per 30 days and replica. Default: not limited.
   * @minimum 1 @maximum 1000000000000 @examples [40000000]
   */
  tokensPerMonth?: Integer;
  /**
   * Most seconds for which models work (GPU-seconds of a tenant with GPUs), per day (UTC) and replica. Default: not limited.
   * @minimum 1 @maximum 1000000000 @examples [7200]
   */
  modelSecondsPerDay?: Integer;
  /**
   * Most seconds for which models work (GPU-seconds of a tenant with GPUs), per 30 days and replica. Default: not limited.
   * @minimum 1 @maximum 1000000000 @examples [108000]
   */
  modelSecondsPerMonth?: Integer;
}

/**
 * Checks that no budget of a day is more than that of the month: it would never hold.
 *
 * @param at Leads to a budget's setting.
 */
export function checkBudget(budget: Draft<BudgetSpec>, at: At, report: Report): void {
  for (const [day, month] of DAY_AND_MONTH) {
    const [ofDay, ofMonth] = [budget[day], budget[month]];
    if (ofDay === undefined || ofMonth === undefined || ofDay <= ofMonth) continue;
    report({
      path: at(day),
      value: ofDay,
      restsOn: [at(month)],
      problem: `is more than \`${month}\`, and would never hold`,
      allowed: `at most ${ofMonth}`,
      fix: `lower it, raise \`${month}\`, or remove one of the two`,
    });
  }
}
