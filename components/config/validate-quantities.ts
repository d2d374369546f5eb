import { formatBytes, formatMilliCpu, milliCpu, parseBytes, QuantityError } from "../models/quantity";
import { GATEWAY_RESOURCES } from "../plan/resolve/replica";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { explain } from "./explain";
import { below, type At, type Path } from "../spec/path";
import type { QuotaSpec, TenantSpec } from "../spec/index";

/** Least memory or storage that can be meant: below it a suffix was forgotten (`64`) or mistaken (`512m`). */
const leastBytes = 1024 * 1024;

/** Checks every quantity, and that an explicit quota holds at least one replica of an explicit size. */
export function validateQuantities({ spec: { nodePools, tenants } }: Declared, report: Report): void {
  for (const { item, index } of present(nodePools)) {
    readCpu(item.limits?.cpu, ["nodePools", index, "limits", "cpu"], report);
    readBytes(item.limits?.memory, ["nodePools", index, "limits", "memory"], report);
    readCpu(item.nodeCpu, ["nodePools", index, "nodeCpu"], report);
    readBytes(item.nodeMemory, ["nodePools", index, "nodeMemory"], report);
  }
  for (const { item, index } of present(tenants)) validateTenant(item, below("tenants", index), report);
}

function validateTenant({ server = {}, quota = {} }: Draft<TenantSpec>, at: At, report: Report): void {
  const serverAt = (key: string): Path => at("server", key);
  const cpu = readCpu(server.cpu, serverAt("cpu"), report);
  const memory = readBytes(server.memory, serverAt("memory"), report);
  const ephemeral = readBytes(server.ephemeralStorage, serverAt("ephemeralStorage"), report);
  const read = readQuota(quota, below(...at("quota")), report);
  const compare = (
    key: keyof QuotaSpec,
    need: number | undefined,
    have: number | undefined,
    format: (amount: number) => string,
  ) => {
    if (need === undefined || have === undefined || need <= have) return;
    const text = format(need);
    report({
      path: at("quota", key),
      value: quota[key],
      restsOn: [serverAt(key)],
      problem: `is below one replica, which takes ${text}`,
      allowed: `at least ${text}, and that for each replica`,
      fix: "raise it, lower the size of the server, or write `auto`",
    });
  };
  compare("cpu", plus(cpu, GATEWAY_RESOURCES.cpuMillis), read.cpu, formatMilliCpu);
  compare("memory", plus(memory, GATEWAY_RESOURCES.memoryBytes), read.memory, formatBytes);
  const storage = plus(ephemeral, GATEWAY_RESOURCES.ephemeralStorageBytes);
  compare("ephemeralStorage", storage, read.ephemeralStorage, formatBytes);
  compare("gpus", server.gpus, quota.gpus, String);
}

/** A server with its gateway. */
function plus(server: number | undefined, gateway: number): number | undefined {
  return server === undefined ? undefined : server + gateway;
}

function readQuota(quota: Draft<QuotaSpec>, at: At, report: Report) {
  return {
    cpu: readCpu(quota.cpu, at("cpu"), report),
    memory: readBytes(quota.memory, at("memory"), report),
    ephemeralStorage: readBytes(quota.ephemeralStorage, at("ephemeralStorage"), report),
    storage: readBytes(quota.storage, at("storage"), report),
  };
}

/** Thousandths of a core; undefined when absent or at fault. */
function readCpu(text: string | undefined, path: Path, report: Report): number | undefined {
  const value = read(text, path, report, milliCpu);
  if (value !== 0) return value;
  report({
    path,
    value: text,
    problem: "is no CPU at all",
    allowed: "more than 0, for example `500m` or `4`",
    fix: "write the CPU that is needed, or remove the key",
  });
  return undefined;
}

/** Bytes; undefined when absent or at fault. */
function readBytes(text: string | undefined, path: Path, report: Report): number | undefined {
  const value = read(text, path, report, parseBytes);
  if (value === undefined || text === undefined || value >= leastBytes) return value;
  const number = /^\+?[0-9.]+/.exec(text)?.[0] ?? "";
  report({
    path,
    value: text,
    problem: `is ${value} bytes, which is too little to be meant`,
    allowed: `at least ${formatBytes(leastBytes)}`,
    fix: `write the unit, for example \`${number}${text.endsWith("m") ? "Mi" : "Gi"}\``,
  });
  return undefined;
}

function read(
  text: string | undefined,
  path: Path,
  report: Report,
  parse: (text: string) => number,
): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    report({
      path,
      value: text,
      allowed: "a Kubernetes quantity, for example `500m`, `4` or `16Gi`",
      ...explain(error.message),
    });
    return undefined;
  }
}
