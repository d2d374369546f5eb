import type { Container, CustomObject, PodSpec } from "./kubernetes";
import { tenantLabels } from "./labels";
import { TENANT_OBJECT } from "../spec/names";
import type { Tenant } from "../spec/tenant";

/** Name of a pod's claim on its GPUs, and of the one request in it. */
const CLAIM = "gpus";

/** The devices of one replica that a driver of dynamic resource allocation gives out by claims. */
export interface ClaimedDevices {
  deviceClass: string;
  count: number;
}

/** What one replica claims; absent where it has no GPU, and where it requests GPUs as an extended resource. */
export function claimedDevices({ server, nodePool }: Tenant): ClaimedDevices | undefined {
  const gpu = nodePool?.gpu;
  if (server.gpus === 0 || gpu?.deviceClass === undefined || gpu.resource !== undefined) return undefined;
  return { deviceClass: gpu.deviceClass, count: server.gpus };
}

/** Name of the template: it says all that the template does, because no template can be changed. */
export function claimTemplateName({ deviceClass, count }: ClaimedDevices): string {
  return `${TENANT_OBJECT.claimTemplate}-${count}-${deviceClass}`;
}

/** The template from which Kubernetes makes a claim for each pod of the server, and ends it with the pod. */
export function planDeviceClaims(tenant: Tenant): CustomObject[] {
  const devices = claimedDevices(tenant);
  if (devices === undefined) return [];
  const { deviceClass, count } = devices;
  const exactly = { deviceClassName: deviceClass, allocationMode: "ExactCount", count };
  return [
    {
      apiVersion: "resource.k8s.io/v1",
      kind: "ResourceClaimTemplate",
      metadata: {
        name: claimTemplateName(devices),
        namespace: tenant.namespace,
        labels: tenantLabels(tenant, "server"),
      },
      spec: { spec: { devices: { requests: [{ name: CLAIM, exactly }] } } },
    },
  ];
}

/** The claim of a pod: one of its own, made from the template. */
export function podClaims(tenant: Tenant): Pick<PodSpec, "resourceClaims"> {
  const devices = claimedDevices(tenant);
  if (devices === undefined) return {};
  return { resourceClaims: [{ name: CLAIM, resourceClaimTemplateName: claimTemplateName(devices) }] };
}

/** The container with the devices of its pod's claim. */
export function withDevices(container: Container, tenant: Tenant): Container {
  if (claimedDevices(tenant) === undefined) return container;
  return { ...container, resources: { ...container.resources, claims: [{ name: CLAIM }] } };
}
