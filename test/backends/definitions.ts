import * as path from "node:path";
import { NodePoolBackend } from "../../components/spec/index";
import { ensureDataFiles, type DataFilesName } from "../../tools/install";

/** Where the definitions of each backend's kinds come from: the project's own Go module. */
const MODULES: Partial<Record<NodePoolBackend, DataFilesName>> = {
  [NodePoolBackend.karpenterKwok]: "karpenter-crds",
  [NodePoolBackend.karpenterAws]: "karpenter-aws-crds",
  [NodePoolBackend.karpenterAzure]: "karpenter-azure-crds",
  [NodePoolBackend.clusterApi]: "cluster-api-crds",
};

/**
 * Folder with the CustomResourceDefinitions of a backend; undefined for nodes that exist already. The providers of
 * Karpenter bring definitions of NodePool of their own, which allow the labels of their cloud.
 */
export async function definitionsOf(backend: NodePoolBackend): Promise<string | undefined> {
  if (backend === NodePoolBackend.gkeComputeClass) return path.join(__dirname, "crds");
  const name = MODULES[backend];
  return name === undefined ? undefined : (await ensureDataFiles([name])).get(name);
}
