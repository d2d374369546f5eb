import { attempt, command } from "./command";

/** Chains and sets of kubelet, kube-proxy and kube-router all begin like this; other programs' never do. */
const ownPrefix = /^(inet6:)?(KUBE-|kube-router-)/;

/** iptables programs by address family. */
const families = ["iptables", "ip6tables"] as const;

/** Whether chains of Kubernetes programs are in the machine's packet filter. */
export async function hasKubernetesChains(): Promise<boolean> {
  const saved = await Promise.all(families.map((family) => attempt(`${family}-save`, [])));
  return saved.some((text) => parseTables(text).some(({ chains }) => chains.some(isOwn)));
}

/** Takes the chains, rules and address sets of Kubernetes programs out of the packet filter; everything else stays. */
export async function removeKubernetesChains(): Promise<void> {
  for (const family of families) {
    const script = removalScript(await attempt(`${family}-save`, []));
    if (script !== "") await command(`${family}-restore`, ["--noflush"], script);
  }
  const sets = (await attempt("ipset", ["list", "-name"])).split("\n").filter(isOwn);
  // A set that is a member of another can be destroyed only after it.
  for (const name of sets) await attempt("ipset", ["flush", name]);
  for (const name of sets) await attempt("ipset", ["destroy", name]);
}

const isOwn = (name: string): boolean => ownPrefix.test(name);

interface Table {
  name: string;
  chains: string[];
  /** Rules as `-A CHAIN ...`. */
  rules: string[];
}

/** Reads the output of `iptables-save`. */
function parseTables(saved: string): Table[] {
  const tables: Table[] = [];
  for (const line of saved.split("\n")) {
    if (line.startsWith("*")) tables.push({ name: line.slice(1), chains: [], rules: [] });
    else if (line.startsWith(":")) tables.at(-1)?.chains.push(line.slice(1).split(" ")[0] ?? "");
    else if (line.startsWith("-A")) tables.at(-1)?.rules.push(line);
  }
  return tables;
}

/**
 * Input of `iptables-restore --noflush` that removes what `iptables-save` shows of Kubernetes: first the rules in other chains that
 * jump there or were put there, then the chains' content, then the chains. Empty when there is nothing.
 */
export function removalScript(saved: string): string {
  const parts = parseTables(saved).flatMap(({ name, chains, rules }) => {
    const own = chains.filter(isOwn);
    if (own.length === 0) return [];
    const jumps = rules.filter((rule) => !isOwn(chainOf(rule)) && own.includes(targetOf(rule)));
    return [
      `*${name}`,
      ...jumps.map((rule) => rule.replace(/^-A/, "-D")),
      ...own.map((chain) => `-F ${chain}`),
      ...own.map((chain) => `-X ${chain}`),
      "COMMIT",
    ];
  });
  return parts.length === 0 ? "" : `${parts.join("\n")}\n`;
}

const chainOf = (rule: string): string => rule.split(" ")[1] ?? "";

const targetOf = (rule: string): string => / -[jg] (\S+)/.exec(rule)?.[1] ?? "";
