import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterLayout } from "../layout";
import { removeInterfaces } from "./bridge";
import { readClaim, restoreMachine } from "./claim";
import { endPodProcesses, removePodCgroups } from "./control-groups";
import { unmountBelow } from "./mounts";
import { removeKubernetesChains } from "./packet-filter";
import { nodeFolders, runtimePlaces } from "./places";

/**
 * Takes away what the real node of a cluster made on the machine outside the cluster's directory: pods, network namespaces, interfaces,
 * mounts, cgroups, packet filter rules, kernel settings. The cluster's own processes must have ended. Does nothing when the machine's
 * real node is another cluster's, or there is none. Safe to repeat after it was interrupted.
 */
export async function releaseRealNode(layout: ClusterLayout): Promise<void> {
  const claim = readClaim();
  if (claim?.directory !== layout.directory) return;
  await endPods(layout);
  // Network namespaces are mounts too: with the last one of a pod its interfaces go.
  await unmountBelow([nodeFolders(layout).root, runtimePlaces.folder]);
  await removeInterfaces();
  await removeKubernetesChains();
  await removePodCgroups();
  restoreMachine(claim);
  // Last, with the claim in it: an interrupted release is taken up again by the next one.
  rmSync(runtimePlaces.folder, { recursive: true, force: true });
}

/**
 * Ends the pods of a cluster's real node, hard. The node's own programs, which would start them again, must have ended. Does nothing when the
 * machine's real node is another cluster's, or there is none.
 */
export async function endPods(layout: ClusterLayout): Promise<void> {
  if (readClaim()?.directory !== layout.directory) return;
  await endShims();
  await endPodProcesses();
}

/** Ends the processes that hold the containers for the runtime; they outlive it on purpose, so that it can be restarted. */
async function endShims(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const shims = findShims();
    if (shims.length === 0) return;
    for (const pid of shims) {
      try {
        // Hard: a shim that is asked politely first waits for its containers.
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself meanwhile.
      }
    }
    await sleep(100);
  }
  throw new Error(`processes of the container runtime are still running after SIGKILL: ${findShims().join(", ")}`);
}

/** Shims name the socket of their runtime on their command line, and this runtime's is at no other. */
function findShims(): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && isShim(`/proc/${entry}`))
    .map(Number);
}

function isShim(folder: string): boolean {
  try {
    const words = readFileSync(`${folder}/cmdline`, "utf8").split("\0");
    const running = !/^State:\s+Z/m.test(readFileSync(`${folder}/status`, "utf8"));
    return running && (words[0] ?? "").includes("containerd-shim") && words.includes(runtimePlaces.containerdSocket);
  } catch {
    return false;
  }
}

/** Whether the directory of the claim still holds a node. */
export const holdsNode = (layout: ClusterLayout): boolean => existsSync(nodeFolders(layout).root);
