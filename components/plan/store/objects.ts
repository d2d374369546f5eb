/** Kubernetes objects of model stores as plain data; see `../kubernetes.ts`. */
import type { types } from "@pulumi/kubernetes";
import type { Unwrap } from "@pulumi/pulumi";
import type { KubernetesObject } from "../kubernetes";

export type PersistentVolumeSpec = Unwrap<types.input.core.v1.PersistentVolumeSpec>;

export interface PersistentVolume extends KubernetesObject {
  kind: "PersistentVolume";
  spec: PersistentVolumeSpec;
}

export interface PersistentVolumeClaim extends KubernetesObject {
  kind: "PersistentVolumeClaim";
  spec: Unwrap<types.input.core.v1.PersistentVolumeClaimSpec>;
}

export interface Job extends KubernetesObject {
  kind: "Job";
  spec: Unwrap<types.input.batch.v1.JobSpec>;
}
