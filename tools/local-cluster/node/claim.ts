import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { ensureDirectory, readIfPresent, writePrivateFile } from "../files";
import { clusterProcesses, isAlive, type ProcessIdentity, readStat } from "../processes";
import { runtimePlaces } from "./places";

/**
 * Says which cluster has the machine's real node (pods' ranges, chains of the packet filter and some folders exist once on a machine),
 * and what the machine was like before, so that it can be left like that. Lies where a reboot removes it, as a reboot does all else.
 */
export interface Claim {
  /** Directory of the cluster. */
  directory: string;
  /** Kernel settings that the node's programs change, with their values before. */
  settings: Record<string, string>;
  /** Folders at fixed places that the node's programs make and that were not there before. */
  foldersToRemove: string[];
  /** The command that made the claim: until it has started the cluster's processes, it alone shows that the claim is meant. */
  claimant?: ProcessIdentity;
}

/** Kernel settings that kubelet, kube-proxy and the network plugins set. */
const changedSettings = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/route_localnet",
  "net/netfilter/nf_conntrack_max",
  "net/bridge/bridge-nf-call-iptables",
  "net/bridge/bridge-nf-call-ip6tables",
  "net/ipv4/icmp_ratemask",
];

/** Folders whose places are fixed in kubelet, container runtime and network plugins. */
const fixedFolders = [
  "/run/containerd",
  "/var/lib/kubelet",
  "/var/lib/cni",
  "/var/lib/dockershim",
  "/var/log/containers",
  "/var/log/pods",
  "/usr/libexec/kubernetes",
  "/etc/cni",
  "/opt/cni",
  "/opt/containerd",
];

const settingFile = (name: string): string => path.join("/proc/sys", name);

/** The claim on the machine, or undefined when no cluster has one. */
export function readClaim(): Claim | undefined {
  const text = readIfPresent(runtimePlaces.claim);
  return text === undefined ? undefined : (JSON.parse(text) as Claim);
}

/** Whether someone else is behind the claim: a process of the cluster, or the command that starts it. */
export function isHeld({ directory, claimant }: Pick<Claim, "directory" | "claimant">): boolean {
  const isStarting = claimant !== undefined && claimant.pid !== process.pid && isAlive(claimant);
  return isStarting || clusterProcesses(directory).length > 0;
}

const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  startTime: readStat(process.pid)?.startTime ?? "",
  component: "start of the local cluster",
});

/** Says that this process starts the cluster again whose claim it is. */
export function renewClaim(claim: Claim): void {
  writeClaim({ ...claim, claimant: thisProcess() });
}

function writeClaim(claim: Claim): void {
  ensureDirectory(runtimePlaces.folder);
  writePrivateFile(runtimePlaces.claim, `${JSON.stringify(claim, undefined, 2)}\n`);
}

/** Writes the claim of a cluster. To be called before anything of the machine is changed. */
export function makeClaim(directory: string): Claim {
  const settings = changedSettings.flatMap((name) => {
    const value = readSetting(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const foldersToRemove = fixedFolders.filter((folder) => !existsSync(folder));
  const claim = { directory, settings: Object.fromEntries(settings), foldersToRemove, claimant: thisProcess() };
  writeClaim(claim);
  return claim;
}

/** Kinds of ICMP messages that the kernel limits, a bit each, without the bit of "destination unreachable". */
const unreachableUnlimited = 6168 & ~(1 << 3);

/**
 * Lets the kernel say "unreachable" as often as it is asked: a connection that a network policy denies is then refused at once, and a
 * time-out means that something is broken. By default a pod is told so once a second.
 */
export function applySettings(): void {
  writeFileSync(settingFile("net/ipv4/icmp_ratemask"), `${unreachableUnlimited}`);
}

/** Gives kernel settings and fixed folders back as they were. The node's programs must have ended. */
export function restoreMachine(claim: Claim): void {
  for (const [name, value] of Object.entries(claim.settings)) {
    if (readSetting(name) !== value) writeFileSync(settingFile(name), value);
  }
  for (const folder of claim.foldersToRemove) rmSync(folder, { recursive: true, force: true });
  removeDanglingLinks("/var/log/containers", claim.directory);
}

function readSetting(name: string): string | undefined {
  try {
    return readFileSync(settingFile(name), "utf8").trim();
  } catch {
    return undefined;
  }
}

/** The kubelet links the logs of containers there for log collectors; the links of this cluster lead nowhere afterwards. */
function removeDanglingLinks(folder: string, directory: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const link = path.join(folder, name);
    if (lstatSync(link).isSymbolicLink() && readlinkSync(link).startsWith(`${directory}/`)) unlinkSync(link);
  }
}
