import type { AwsNodesSpec } from "../../spec/index";
import type { CustomObject } from "../kubernetes";
import type { NodePool } from "../../spec/node-pool/pool";
import { poolObjectLabels } from "./labels";

const DEFAULT_DISK_GIB = 100;

/**
 * The EC2NodeClass of a pool. Pods cannot reach the instance metadata service, and so not the node's credentials: its
 * answers need a session token and do not travel beyond the node itself.
 */
export function planEc2NodeClass(pool: NodePool, aws: AwsNodesSpec): CustomObject {
  return {
    apiVersion: "karpenter.k8s.aws/v1",
    kind: "EC2NodeClass",
    metadata: { name: pool.name, labels: poolObjectLabels(pool) },
    spec: {
      amiSelectorTerms: [{ alias: aws.amiAlias }],
      role: aws.role,
      subnetSelectorTerms: [{ tags: aws.subnetTags }],
      securityGroupSelectorTerms: [{ tags: aws.securityGroupTags }],
      ...(aws.reservationTags === undefined
        ? {}
        : { capacityReservationSelectorTerms: [{ tags: aws.reservationTags }] }),
      metadataOptions: {
        httpEndpoint: "enabled",
        httpProtocolIPv6: "disabled",
        httpPutResponseHopLimit: 1,
        httpTokens: "required",
      },
      blockDeviceMappings: disks(aws),
    },
  };
}

/** Bottlerocket has its system on a small disk of its own, beside the one that images and pods are on. */
function disks({ amiAlias, diskGiB = DEFAULT_DISK_GIB }: AwsNodesSpec): object[] {
  const disk = (deviceName: string, gib: number) => ({
    deviceName,
    ebs: { volumeSize: `${gib}Gi`, volumeType: "gp3", encrypted: true, deleteOnTermination: true },
  });
  return amiAlias.startsWith("bottlerocket@")
    ? [disk("/dev/xvda", 4), disk("/dev/xvdb", diskGiB)]
    : [disk("/dev/xvda", diskGiB)];
}
