/** Differences that take nothing from isolation. */
import { parseMilli } from "../../policy-pack/model/quantity";
import type { ApiObject } from "./api";
import type { FieldDrift, Step } from "./compare";

/** A difference, whoever made it. */
type Difference = Pick<FieldDrift, "path" | "declared" | "live">;

/** Labels and annotations that decide how something is isolated. */
const DECIDES = /^(pod-security\.kubernetes\.io|ollama-platform\.io|scheduler\.alpha\.kubernetes\.io|kubernetes\.io)\//;

/**
 * Whether the difference is a note that someone has added, a limit that was lowered, or about when a pool's nodes are
 * exchanged. Notes that a controller follows are found by the pack's rules.
 */
export function weakensNothing({ kind }: Pick<ApiObject, "kind">, field: Difference): boolean {
  return (
    isNote(field) || isLowered(kind, field) || (kind === "NodePool" && startsWith(field.path, "spec", "disruption"))
  );
}

function isNote({ path, declared }: Difference): boolean {
  const [, , key] = path;
  const isIn = startsWith(path, "metadata", "annotations") || startsWith(path, "metadata", "labels");
  return isIn && declared === undefined && path.length === 3 && typeof key === "string" && !DECIDES.test(key);
}

/** Limits of a quota, and the autoscaler's most replicas. */
function isLowered(kind: string, { path, declared, live }: Difference): boolean {
  const isLimit =
    (kind === "ResourceQuota" && startsWith(path, "spec", "hard")) ||
    (kind === "HorizontalPodAutoscaler" && startsWith(path, "spec", "maxReplicas"));
  const [before, now] = [amountOf(declared), amountOf(live)];
  return isLimit && before !== undefined && now !== undefined && now <= before;
}

function amountOf(value: unknown): bigint | undefined {
  return typeof value === "string" || typeof value === "number" ? parseMilli(String(value)) : undefined;
}

function startsWith(path: readonly Step[], ...start: string[]): boolean {
  return start.every((step, index) => path[index] === step);
}
