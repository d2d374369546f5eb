import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { isProvided, whyNoInstallation } from "../../build/debian";
import { podCidr, serviceCidr } from "../network";
import { isHeld, readClaim } from "./claim";
import { hasKubernetesChains } from "./packet-filter";
import { systemPackages } from "./packages";
import { nodeCidr } from "./places";

/** Whether this machine can have a real node. */
export interface NodeAvailability {
  available: boolean;
  /** Why not, as the rest of a sentence that begins with `nodes are simulated: `. */
  reason?: string;
}

/**
 * Looks whether the cluster in `directory` may run a real node on this machine; changes nothing. It needs Linux, root with the right to
 * administer network and mounts, the programs of the system or apt to install them, and a machine that runs no Kubernetes node already.
 */
export async function realNodeAvailable(directory: string): Promise<NodeAvailability> {
  const reason = await obstacle(directory);
  return reason === undefined ? { available: true } : { available: false, reason };
}

/** Asks for simulated nodes on a machine that could have a real one, for example since someone else is to have it. */
const simulatedNodes = "OLLAMA_PLATFORM_SIMULATED";

async function obstacle(directory: string): Promise<string | undefined> {
  if (process.env[simulatedNodes] === "true") return `${simulatedNodes} is true`;
  if (process.platform !== "linux") return `a real node needs Linux, this is ${process.platform}`;
  if (process.getuid?.() !== 0) return "a real node needs root";
  if (!hasCapabilities()) return "a real node needs the capabilities NET_ADMIN and SYS_ADMIN";
  if (!existsSync("/sys/fs/cgroup")) return "a real node needs control groups, and /sys/fs/cgroup is missing";
  const missing = systemPackages.filter((one) => !isProvided(one));
  const noInstallation = whyNoInstallation();
  if (missing.length > 0 && noInstallation !== undefined) {
    return `${missing.map(({ provides }) => provides).join(", ")} missing and ${noInstallation}`;
  }
  const claim = readClaim();
  if (claim?.directory === directory) return undefined;
  if (claim !== undefined) {
    // What a crashed cluster left, its addresses among it, is cleaned up by the one that takes the node over.
    if (!isHeld(claim)) return undefined;
    return `the local cluster in ${claim.directory} has the real node of this machine; stop it first`;
  }
  if (await hasKubernetesChains()) return "this machine is a Kubernetes node already";
  const taken = takenAddress();
  return taken === undefined ? undefined : `the address ${taken} of this machine is in a range that the cluster uses`;
}

const capabilityBit = { NET_ADMIN: 12n, SYS_ADMIN: 21n, SYS_RESOURCE: 24n } as const;

/** Whether this process has a capability. */
export function hasCapability(name: keyof typeof capabilityBit): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> capabilityBit[name]) & 1n) === 1n;
}

const hasCapabilities = (): boolean => hasCapability("NET_ADMIN") && hasCapability("SYS_ADMIN");

function takenAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return addresses.find((address) => [podCidr, serviceCidr, nodeCidr].some((cidr) => contains(cidr, address)));
}

/** Whether an IPv4 address lies in a range in CIDR notation; an IPv6 address never does. */
export function contains(cidr: string, address: string): boolean {
  const [base = "", bits = "32"] = cidr.split("/");
  if (!/^\d+(\.\d+){3}$/.test(address)) return false;
  const prefix = (text: string) =>
    text.split(".").reduce((number, part) => number * 256 + Number(part), 0) / 2 ** (32 - Number(bits));
  return Math.floor(prefix(address)) === Math.floor(prefix(base));
}
