import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import * as path from "node:path";
import { attempt } from "../../../tools/local-cluster/node/command";
import { parseMountPoints } from "../../../tools/local-cluster/node/mounts";

/** What a node's programs could leave on a machine, as sorted lists of lines. */
export interface MachineState {
  interfaces: string[];
  addresses: string[];
  routes: string[];
  mounts: string[];
  packetFilter: string[];
  addressSets: string[];
  cgroups: string[];
  /** Network and process namespaces that some process is in. */
  namespaces: string[];
  settings: string[];
  folders: string[];
}

/** Looks at the machine. Counters, and what other programs change all the time, are left out. */
export async function machineState(): Promise<MachineState> {
  return {
    interfaces: (await ipList("link")).map(({ ifname }) => `${ifname}`),
    addresses: (await ipList("address")).flatMap(({ ifname, addr_info: addresses }) =>
      (addresses ?? []).map(({ local, prefixlen }) => `${ifname} ${local}/${prefixlen}`),
    ),
    routes: (await attempt("ip", ["route", "show", "table", "all"])).split("\n").filter(isLastingRoute).sort(),
    mounts: parseMountPoints(readFileSync("/proc/self/mountinfo", "utf8")).sort(),
    packetFilter: [...(await rules("iptables")), ...(await rules("ip6tables"))],
    addressSets: (await attempt("ipset", ["list", "-name"])).split("\n").filter(Boolean).sort(),
    cgroups: foldersBelow("/sys/fs/cgroup"),
    namespaces: namespacesInUse(),
    settings: settings.map((name) => `${name} ${readIfThere(path.join("/proc/sys", name))}`),
    folders: fixedFolders.filter((folder) => existsSync(folder)),
  };
}

const settings = [
  "net/ipv4/ip_forward",
  "net/ipv4/icmp_ratemask",
  "net/ipv4/conf/all/route_localnet",
  "vm/overcommit_memory",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

const fixedFolders = ["/run/ollama-platform", "/run/containerd", "/var/lib/kubelet", "/var/lib/cni", "/var/log/pods"];

interface Interface {
  ifname: string;
  addr_info?: { local: string; prefixlen: number }[];
}

const ipList = async (kind: string): Promise<Interface[]> =>
  (JSON.parse((await attempt("ip", ["-json", kind, "show"])) || "[]") as Interface[]).sort((a, b) =>
    a.ifname < b.ifname ? -1 : 1,
  );

/** Routes that a router announced expire and come back by themselves. */
const isLastingRoute = (line: string): boolean => line !== "" && !/\bexpires\b|\bproto ra\b/.test(line);

/** Rules and own chains with their tables. A table without either is how iptables shows that nothing is there. */
async function rules(family: string): Promise<string[]> {
  let table = "";
  const found: string[] = [];
  for (const line of (await attempt(`${family}-save`, [])).split("\n")) {
    if (line.startsWith("*")) table = line;
    else if (line.startsWith("-A")) found.push(`${family} ${table} ${line}`);
    else if (line.startsWith(":") && / (-|DROP) /.test(line)) found.push(`${family} ${table} ${line.split(" ")[0]}`);
  }
  return found.sort();
}

function foldersBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isDirectory());
  return entries.map((entry) => path.join(entry.parentPath, entry.name)).sort();
}

function namespacesInUse(): string[] {
  const processes = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && !hasEnded(entry));
  const links = processes.flatMap((pid) => ["net", "pid"].flatMap((kind) => linkTarget(`/proc/${pid}/ns/${kind}`)));
  return [...new Set(links)].sort();
}

/** Whether only the process's exit code is left, until the machine's init fetches it: that is no matter of the node's. */
function hasEnded(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return true;
  }
}

function linkTarget(link: string): string[] {
  try {
    return [readlinkSync(link)];
  } catch {
    return [];
  }
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "none";
}
