import type { DebianPackage } from "../../build/debian";

/** Folder of the network plugins in Debian's package. */
export const networkPlugins = "/usr/lib/cni";

/** What a real node takes from the system. */
export const systemPackages: readonly DebianPackage[] = [
  { name: "containerd", provides: "containerd" },
  { name: "runc", provides: "runc" },
  { name: "containernetworking-plugins", provides: `${networkPlugins}/ptp` },
  { name: "iproute2", provides: "ip" },
  { name: "ipset", provides: "ipset" },
  { name: "iptables", provides: "iptables" },
  { name: "conntrack", provides: "conntrack" },
];
