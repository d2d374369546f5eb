import { formatBytes, formatMilliCpu } from "../models/quantity";
import { GATEWAY_RESOURCES } from "../plan/resolve/replica";
import { readNodeBytes, readNodeCpu, readTotalBytes, readTotalCpu } from "../spec/amounts";
import type { Declared } from "../spec/declared";
import { present, type Draft } from "../spec/draft";
import type { Report } from "../spec/fault";
import { readText } from "../spec/read";
import { below, type At, type Path } from "../spec/path";
import type { QuotaSpec, TenantSpec } from "../spec/index";

/** Checks every quantity of tenants, and that an explicit quota holds at least one replica of an explicit size. */
export function validateQuantities({ spec: { tenants } }: Declared, report: Report): void {
  for (const { item, index } of present(tenants)) validateTenant(item, below("tenants", index), report);
}

function validateTenant({ server = {}, quota = {} }: Draft<TenantSpec>, at: At, report: Report): void {
  const serverAt = (key: string): Path => at("server", key);
  const cpu = readText(readNodeCpu, server.cpu, serverAt("cpu"), report);
  const memory = readText(readNodeBytes, server.memory, serverAt("memory"), report);
  const ephemeral = readText(readNodeBytes, server.ephemeralStorage, serverAt("ephemeralStorage"), report);
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
    cpu: readText(readTotalCpu, quota.cpu, at("cpu"), report),
    memory: readText(readTotalBytes, quota.memory, at("memory"), report),
    ephemeralStorage: readText(readTotalBytes, quota.ephemeralStorage, at("ephemeralStorage"), report),
    storage: readText(readTotalBytes, quota.storage, at("storage"), report),
  };
}
