/** Figures that the monitor reads out of an evaluation: violations, quotas, loaders. */
import { parseMilli } from "../../policy-pack/model/quantity";
import { record } from "../../policy-pack/model/json";
import { isFailure, type Result } from "../result";
import type { Evaluation } from "./evaluate";
import type { LiveObject } from "./objects";

/** Checks whose open results are a weaker isolation; a server that is not ready is not. */
const ISOLATION_CHECKS = ["presence", "rules", "declared", "quotas"];

/** Open results that weaken isolation, without those that the settings accept. */
export function violationsOf({ runs }: Evaluation): Result[] {
  return runs
    .filter(({ check }) => ISOLATION_CHECKS.includes(check))
    .flatMap(({ results }) => results)
    .filter(isFailure);
}

/** The rule that a result is about: `network/default-deny` for a rule of the pack, `declared/Role` for drift of a kind. */
export function ruleOf({ id }: Result): string {
  const [head = ""] = id.split(" ");
  if (head.startsWith("rules/")) return head.slice("rules/".length);
  return head.startsWith("declared/") ? head : (head.split("/")[0] ?? head);
}

/** Use of one limit of a ResourceQuota. */
export interface QuotaUse {
  tenant: string;
  namespace: string;
  quota: string;
  resource: string;
  used: number;
  hard: number;
}

/** Use of every limit of tenants' quotas that allows anything at all, in the units of the resource. */
export function quotaUses({ objects, tenantOf }: Evaluation): QuotaUse[] {
  return objects.filter(isKind("v1", "ResourceQuota")).flatMap((object) => {
    const { namespace, name } = placeOf(object);
    const tenant = tenantOf(namespace);
    if (tenant === undefined) return [];
    const { hard, used } = record(object["status"]);
    return Object.entries(record(hard)).flatMap(([resource, amount]) => {
      const most = numberOf(amount);
      if (most === undefined || most === 0) return [];
      return [{ tenant, namespace, quota: name, resource, hard: most, used: numberOf(record(used)[resource]) ?? 0 }];
    });
  });
}

/** Jobs that load models and have failed. */
export function failedLoaders({ objects }: Evaluation): { namespace: string; loader: string }[] {
  return objects
    .filter(isKind("batch/v1", "Job"))
    .filter((object) => record(record(object["metadata"])["labels"])["app.kubernetes.io/component"] === "models")
    .filter((object) => {
      const { conditions } = record(object["status"]);
      const list = Array.isArray(conditions) ? conditions.map(record) : [];
      return list.some(({ type, status }) => type === "Failed" && status === "True");
    })
    .map((object) => ({ namespace: placeOf(object).namespace, loader: placeOf(object).name }));
}

function isKind(apiVersion: string, kind: string): (object: LiveObject) => boolean {
  return (object) => object["apiVersion"] === apiVersion && object["kind"] === kind;
}

function placeOf(object: LiveObject): { namespace: string; name: string } {
  const { namespace = "", name = "" } = record(object["metadata"]);
  return { namespace: String(namespace), name: String(name) };
}

/** Figures are shown, never compared with limits: a float is exact enough. */
function numberOf(amount: unknown): number | undefined {
  const milli = typeof amount === "string" ? parseMilli(amount) : undefined;
  return milli === undefined ? undefined : Number(milli) / 1000;
}
