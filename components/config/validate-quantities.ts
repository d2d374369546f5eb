import { readNodeBytes, readNodeCpu, readTotalBytes, readTotalCpu } from "../spec/amounts";
import type { Declared } from "../spec/declared";
import { present } from "../spec/draft";
import type { Report } from "../spec/fault";
import { readText } from "../spec/read";

/** Checks the amounts of node pools. */
export function validateQuantities({ spec: { nodePools } }: Declared, report: Report): void {
  for (const { item, index } of present(nodePools)) {
    readText(readTotalCpu, item.limits?.cpu, ["nodePools", index, "limits", "cpu"], report);
    readText(readTotalBytes, item.limits?.memory, ["nodePools", index, "limits", "memory"], report);
    readText(readNodeCpu, item.nodeCpu, ["nodePools", index, "nodeCpu"], report);
    readText(readNodeBytes, item.nodeMemory, ["nodePools", index, "nodeMemory"], report);
  }
}
