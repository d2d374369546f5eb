/** Taints of nodes and what pods tolerate of them, as the scheduler compares the two. */
import { show } from "../model/fault";
import { list, record } from "../model/json";
import type { Toleration } from "../model/kubernetes";
import type { Pool } from "./pools";

/** A taint as pools declare it. */
export type Taint = Pool["taints"][number];

/** Taints that keep pods away; the others are only asked for. */
export function fencing(taints: readonly Taint[]): Taint[] {
  return taints.filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
}

/** Whether a toleration lets its pod past a taint. */
export function tolerates(
  { key = "", operator = "Equal", value = "", effect = "" }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== "" && effect !== taint.effect) return false;
  if (key === "") return operator === "Exists";
  if (key !== taint.key) return false;
  return operator === "Exists" || (operator === "Equal" && value === (taint.value ?? ""));
}

/** Taints that none of the tolerations lets past. */
export function untolerated(tolerations: unknown, taints: readonly Taint[]): Taint[] {
  const all = list(tolerations as Toleration[] | undefined).map((toleration) => record(toleration) as Toleration);
  return fencing(taints).filter((taint) => !all.some((toleration) => tolerates(toleration, taint)));
}

/** A taint as people write it: `key=value:effect`. */
export function describeTaint({ key, value, effect }: Taint): string {
  return `${key}${value === undefined || value === "" ? "" : `=${value}`}:${effect}`;
}

/** Why the toleration of the taint's key does not let past it: what differs. Empty where no toleration has the key. */
export function nearMiss(tolerations: unknown, taint: Taint): string {
  const near = list(tolerations as Toleration[] | undefined).find((toleration) => toleration?.key === taint.key);
  if (near === undefined) return "";
  const { operator = "Equal", value, effect } = near;
  if (operator === "Equal" && (value ?? "") !== (taint.value ?? "")) return `; its toleration has value ${show(value)}`;
  if (effect !== undefined && effect !== taint.effect) return `; its toleration has effect ${show(effect)}`;
  return `; its toleration has operator ${show(operator)}`;
}
