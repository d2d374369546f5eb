/** Quotas as the cluster keeps them: that they are enforced, and how much of them is used. */
import { record } from "../../policy-pack/model/json";
import { parseMilli } from "../../policy-pack/model/quantity";
import type { ModelObject } from "../../policy-pack/model/cluster-model";
import type { Result } from "../result";
import type { Check, Subject } from "./check";

/** Share of a quota from which its use is told. */
const NEARLY = 0.9;

/** One result for each ResourceQuota of a tenant. */
export const quotasCheck: Check = {
  name: "quotas",
  run(subject) {
    const quotas = subject.model
      .of("ResourceQuota", "")
      .filter(({ namespace }) => subject.model.tenantOf(namespace) !== undefined);
    return quotas.map((quota) => judgeQuota(subject, quota));
  },
};

function judgeQuota({ model }: Subject, { object, namespace }: ModelObject): Result {
  const hard = amounts(record(object.spec).hard);
  const status = record(object.status);
  const enforced = amounts(status.hard);
  const used = amounts(status.used);
  const base = {
    id: `quotas/${namespace}/${object.metadata.name}`,
    question: "quotas" as const,
    tenant: model.tenantOf(namespace),
    tried: `reads the use of ResourceQuota ${namespace}/${object.metadata.name}`,
  };
  const late = Object.keys(hard).filter((key) => milli(enforced[key]) !== milli(hard[key]) || used[key] === undefined);
  if (late.length > 0)
    return {
      ...base,
      outcome: "inconclusive",
      found: `the cluster does not count ${late.join(", ")} yet`,
      fix: "see whether kube-controller-manager runs, and run the verifier again",
    };
  const share = (key: string): number => shareOf(milli(used[key]), milli(hard[key]));
  const over = Object.keys(hard).filter((key) => share(key) > 1);
  if (over.length > 0)
    return {
      ...base,
      outcome: "open",
      found: `more is used than allowed: ${over.map((key) => `${key} ${used[key]} of ${hard[key]}`).join(", ")}`,
      fix: "end what is too much, or raise the quota in the tenant's file",
    };
  const near = Object.keys(hard).filter((key) => share(key) >= NEARLY);
  const told =
    near.length === 0 ? "" : `; nearly used up: ${near.map((key) => `${key} ${used[key]} of ${hard[key]}`).join(", ")}`;
  return { ...base, outcome: "isolated", found: `${Object.keys(hard).length} limits are kept${told}` };
}

function amounts(value: unknown): Record<string, string> {
  return record(value) as Record<string, string>;
}

function milli(amount: string | undefined): number | undefined {
  const parsed = amount === undefined ? undefined : parseMilli(amount);
  // Shares of amounts are told, never amounts themselves, so that a float is exact enough.
  return parsed === undefined ? undefined : Number(parsed);
}

/** Use as a share; a limit of zero is kept by a use of zero. */
function shareOf(used = 0, hard = 0): number {
  if (hard === 0) return used === 0 ? 0 : Infinity;
  return used / hard;
}
