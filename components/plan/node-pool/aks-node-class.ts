import type { AzureNodesSpec } from "../../spec/index";
import type { CustomObject } from "../kubernetes";
import type { NodePool } from "../../spec/node-pool/pool";
import { poolObjectLabels } from "./labels";

const DEFAULT_DISK_GIB = 128;

/** The AKSNodeClass of a pool; nodes with GPUs get NVIDIA's driver. */
export function planAksNodeClass(pool: NodePool, azure: AzureNodesSpec): CustomObject {
  const { imageFamily = "Ubuntu", diskGiB = DEFAULT_DISK_GIB, subnetId, encryptionAtHost = false } = azure;
  return {
    apiVersion: "karpenter.azure.com/v1beta1",
    kind: "AKSNodeClass",
    metadata: { name: pool.name, labels: poolObjectLabels(pool) },
    spec: {
      imageFamily,
      osDiskSizeGB: diskGiB,
      ...(subnetId === undefined ? {} : { vnetSubnetID: subnetId }),
      ...(pool.gpu === undefined ? {} : { gpu: { mode: "Driver" } }),
      security: { encryptionAtHost },
    },
  };
}
