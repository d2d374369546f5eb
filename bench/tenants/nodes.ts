/** Room for many tenants in a cluster with simulated nodes. */
import { execFileSync } from "node:child_process";
import { cpuNodes } from "../../tools/local-cluster/base-objects";
import type { TestEnvironment } from "../../test/support/environment";

/** Tenants of the benchmark that a node surely holds. */
const TENANTS_PER_NODE = 15;

interface Node {
  metadata: { name: string; labels: Record<string, string>; annotations: Record<string, string> };
  status: object;
}

/** Adds copies of a simulated node until the cluster holds so many tenants: an update waits for their pods. */
export function makeRoom({ tools, cluster }: TestEnvironment, tenants: number): void {
  const kubectl = (args: string[], input?: string): string =>
    execFileSync(tools.path("kubectl"), args, {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      encoding: "utf8",
      input,
    });
  const { metadata, status } = JSON.parse(kubectl(["get", "node", cpuNodes[0], "--output=json"])) as Node;
  const { labels, annotations } = metadata;
  const missing = Math.ceil(tenants / TENANTS_PER_NODE) - cpuNodes.length;
  const items = Array.from({ length: Math.max(0, missing) }, (_, index) => {
    const name = `cpu-${cpuNodes.length + index + 1}`;
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, annotations, labels: { ...labels, "kubernetes.io/hostname": name } },
      status,
    };
  });
  if (items.length > 0) kubectl(["create", "--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}
