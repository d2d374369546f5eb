/** What the API server's own metrics tell of audit and of encryption at rest, which no object of the API does. */
import { isSuccess, refusalOf } from "../cluster-api";
import { messageOf, type Result } from "../result";
import type { Check } from "./check";

/** Results for audit and encryption; both inconclusive where the metrics may not be read, as on most managed clusters. */
export const controlPlaneCheck: Check = {
  name: "control-plane",
  async run({ api }) {
    try {
      const reply = await api.request({ path: "/metrics", accept: "text/plain" });
      if (!isSuccess(reply)) return withheld(refusalOf(reply));
      const samples = parseMetrics(String(reply.body));
      return [auditResult(samples), encryptionResult(samples)];
    } catch (error) {
      return withheld(messageOf(error));
    }
  },
};

const AUDIT = {
  id: "control-plane/audit",
  question: "audit",
  tried: "reads how many audit events the API server has written",
} as const;

const ENCRYPTION = {
  id: "control-plane/encryption",
  question: "secrets",
  tried: "reads how the API server stores Secrets",
} as const;

/** A sample of a metric in Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** Reads metrics in Prometheus' text format; lines of another form are left out. */
export function parseMetrics(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const match = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)/.exec(line);
    if (match === null) return [];
    const labels = [...(match[2] ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]);
    return [
      { name: match[1] ?? "", labels: Object.fromEntries(labels) as Record<string, string>, value: Number(match[3]) },
    ];
  });
}

function auditResult(samples: readonly Sample[]): Result {
  const events = samples.find(({ name }) => name === "apiserver_audit_event_total");
  if (events === undefined) return { ...AUDIT, outcome: "inconclusive", found: "the API server has no such metric" };
  if (events.value > 0) return { ...AUDIT, outcome: "isolated", found: `${events.value} audit events since its start` };
  return {
    ...AUDIT,
    outcome: "open",
    found: "the API server has written no audit event",
    fix: "give the API server an audit policy and a place for its log (--audit-policy-file, --audit-log-path)",
  };
}

/** Prefix of what the API server writes through an encryption provider. */
const ENCRYPTED = "k8s:enc:";

function encryptionResult(samples: readonly Sample[]): Result {
  const ofSecrets = samples.filter(
    ({ name, labels, value }) =>
      name === "apiserver_storage_transformation_operations_total" &&
      value > 0 &&
      (labels["resource"] === undefined || labels["resource"] === "secrets"),
  );
  const prefixes = [...new Set(ofSecrets.map(({ labels }) => labels["transformer_prefix"] ?? ""))];
  const encrypted = prefixes.filter((prefix) => prefix.startsWith(ENCRYPTED));
  if (encrypted.length > 0)
    return { ...ENCRYPTION, outcome: "isolated", found: `through ${encrypted.join(", ")} since its start` };
  if (prefixes.length === 0)
    return {
      ...ENCRYPTION,
      outcome: "inconclusive",
      found: "no Secret has passed an encryption provider since the API server's start",
      fix: "give the API server an encryption configuration (--encryption-provider-config); where the provider of the cluster encrypts its store, its console tells",
    };
  return {
    ...ENCRYPTION,
    outcome: "open",
    found: "Secrets are stored as plain text",
    fix: "give the API server an encryption configuration whose first provider encrypts (--encryption-provider-config)",
  };
}

function withheld(why: string): Result[] {
  const fix =
    "let the verifier get the path /metrics; on a managed cluster the provider's console tells what is recorded and encrypted";
  return [AUDIT, ENCRYPTION].map((base) => ({
    ...base,
    outcome: "inconclusive" as const,
    found: `the API server's metrics cannot be read: ${why}`,
    fix,
  }));
}
