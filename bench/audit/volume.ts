/**
 * How much an API server writes with the audit policy of `npm run audit-policy`, minute by minute, and what a day would be at that rate:
 *
 *     node_modules/.bin/node -r ts-node/register/transpile-only bench/audit/volume.ts [audit log]
 *
 * The log of the local cluster is `.local/cluster/logs/audit.log`.
 */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { localDirectory } from "../../tools/local/paths";
import { clusterLayout } from "../../tools/local-cluster/layout";
import { formatTable } from "../../tools/local/table";

interface AuditEvent {
  stageTimestamp: string;
  level: string;
  verb: string;
  user: { username: string };
  objectRef?: { resource?: string };
}

interface Volume {
  events: number;
  bytes: number;
}

const MINUTES_A_DAY = 24 * 60;
const MIBIBYTE = 1024 * 1024;

function main(file: string): void {
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const minutes = new Map<string, Volume>();
  const writers = new Map<string, Volume>();
  for (const line of lines) {
    const event = JSON.parse(line) as AuditEvent;
    add(minutes, event.stageTimestamp.slice(0, "2026-01-01T00:00".length), line);
    add(writers, `${event.user.username} ${event.verb} ${event.objectRef?.resource ?? "-"} (${event.level})`, line);
  }
  const whole = [...minutes].sort(([a], [b]) => (a < b ? -1 : 1)).slice(1, -1);
  const day = ({ events, bytes }: Volume) => [
    `${Math.round((events * MINUTES_A_DAY) / 1000)} thousand`,
    `${((bytes * MINUTES_A_DAY) / MIBIBYTE).toFixed(0)} MiB`,
  ];
  const rows = whole.map(([minute, one]) => [
    minute,
    `${one.events}`,
    `${Math.ceil(one.bytes / 1024)} KiB`,
    ...day(one),
  ]);
  console.log(formatTable(["MINUTE", "EVENTS", "BYTES", "EVENTS A DAY", "BYTES A DAY"], rows));
  const most = [...writers].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, 15);
  console.log(
    formatTable(
      ["WHO DOES WHAT (LEVEL)", "EVENTS", "BYTES"],
      most.map(([who, one]) => [who, `${one.events}`, `${one.bytes}`]),
    ),
  );
}

function add(sums: Map<string, Volume>, key: string, line: string): void {
  const sum = sums.get(key) ?? { events: 0, bytes: 0 };
  sums.set(key, { events: sum.events + 1, bytes: sum.bytes + Buffer.byteLength(line) + 1 });
}

main(process.argv[2] ?? clusterLayout(path.join(localDirectory(), "cluster")).auditLog);
