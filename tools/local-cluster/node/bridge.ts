import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt, command } from "./command";
import { bridgeName, nodeAddress, nodePodCidr } from "./places";

/** Makes sure of the bridge that carries the node's address. */
export async function ensureBridge(): Promise<void> {
  if ((await attempt("ip", ["link", "show", bridgeName])) === "") {
    await command("ip", ["link", "add", bridgeName, "type", "bridge"]);
  }
  const { [bridgeName]: addresses } = networkInterfaces();
  if (!(addresses ?? []).some(({ address }) => address === nodeAddress)) {
    await command("ip", ["address", "replace", `${nodeAddress}/24`, "dev", bridgeName]);
  }
  await command("ip", ["link", "set", bridgeName, "up"]);
}

/** Removes the bridge and the interfaces that led to pods. The kernel removes the latter with the pods' network namespaces, in its time. */
export async function removeInterfaces(): Promise<void> {
  for (let attempts = 0; attempts < 50 && (await podInterfaces()).length > 0; attempts++) await sleep(100);
  for (const name of await podInterfaces()) await attempt("ip", ["link", "delete", name]);
  await attempt("ip", ["link", "delete", bridgeName]);
}

/** Names of the interfaces that have a route to a pod of the node. */
async function podInterfaces(): Promise<string[]> {
  const routes = await attempt("ip", ["-json", "route", "show", "root", nodePodCidr]);
  if (routes === "") return [];
  return (JSON.parse(routes) as { dev?: string }[]).flatMap(({ dev }) => dev ?? []);
}
