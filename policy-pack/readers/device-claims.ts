/** Claims on devices of dynamic resource allocation, for the rules under `placement/` and `capacity/`. */
import type { ClusterModel, ModelObject, PodSource } from "../model/cluster-model";
import { list, record } from "../model/json";
import type { Amounts } from "./capacity";

/** Group of the objects. */
export const DEVICE_GROUP = "resource.k8s.io";

/** Quota keys on the numbers of claims and of templates. */
export const CLAIM_COUNTS = [`count/resourceclaims.${DEVICE_GROUP}`, `count/resourceclaimtemplates.${DEVICE_GROUP}`];

/** Quota key on the devices of a class, whoever makes the claims. */
export function deviceQuotaKey(deviceClass: string): string {
  return `${deviceClass}.deviceclass.${DEVICE_GROUP}/devices`;
}

/** Class that a quota key on devices is about; undefined for other keys. */
export function classOfQuotaKey(key: string): string | undefined {
  const rest = deviceQuotaKey("");
  return key.endsWith(rest) && key !== rest ? key.slice(0, -rest.length) : undefined;
}

/** One thing that a claim asks for. */
export interface DeviceRequest {
  /** Number of the request in the claim; alternatives have the same. */
  request: number;
  /** Place in the object. */
  path: string;
  deviceClass: unknown;
  /** Devices that the API server counts for it. */
  count: number;
  adminAccess: unknown;
}

/** As many devices as the API server counts for a request of all: the most that one allocation holds. */
const ALL_DEVICES = 32;

/** What a ResourceClaim or a ResourceClaimTemplate asks for; each of several alternatives by itself. */
export function deviceRequests({ object }: ModelObject): DeviceRequest[] {
  const outer = record(object.spec);
  const [spec, start] = object.kind === "ResourceClaim" ? [outer, "spec"] : [record(outer.spec), "spec.spec"];
  return list(record(spec.devices).requests as unknown[]).flatMap((item, index) => {
    const request = record(item);
    const path = `${start}.devices.requests[${index}]`;
    if (request.firstAvailable !== undefined)
      return list(request.firstAvailable as unknown[]).map((one, at) =>
        deviceRequest(record(one), index, `${path}.firstAvailable[${at}]`),
      );
    // Versions before v1 have the fields beside the request's name.
    return [
      request.exactly === undefined
        ? deviceRequest(request, index, path)
        : deviceRequest(record(request.exactly), index, `${path}.exactly`),
    ];
  });
}

function deviceRequest(fields: Record<string, unknown>, request: number, path: string): DeviceRequest {
  const { deviceClassName, allocationMode, count = 1, adminAccess } = fields;
  const isNumber = typeof count === "number" && Number.isInteger(count) && count > 0;
  const counted = isNumber && allocationMode !== "All" ? count : ALL_DEVICES;
  return { request, path, deviceClass: deviceClassName, count: counted, adminAccess };
}

/** Devices of each class that a claim may get, as the API server counts them: of alternatives the most. */
function devicesByClass(claim: ModelObject): Map<string, number> {
  const most = new Map<string, { deviceClass: string; count: number }>();
  for (const { request, deviceClass, count } of deviceRequests(claim)) {
    const key = `${request}/${String(deviceClass)}`;
    most.set(key, { deviceClass: String(deviceClass), count: Math.max(count, most.get(key)?.count ?? 0) });
  }
  const sums = new Map<string, number>();
  for (const { deviceClass, count } of most.values()) sums.set(deviceClass, (sums.get(deviceClass) ?? 0) + count);
  return sums;
}

/** A claim of a pod, and what it is made from; undefined where the model does not hold that. */
export interface PodClaim {
  /** Place in the pod. */
  path: string;
  /** For messages: `ResourceClaimTemplate gpus`. */
  name: string;
  from: ModelObject | undefined;
  /** Whether the pod has it alone, and it ends with the pod. */
  own: boolean;
}

/** The claims that a pod names. */
export function podClaims(model: ClusterModel, pod: PodSource): PodClaim[] {
  return list(pod.spec.resourceClaims).map((claim, index) => {
    const { resourceClaimName, resourceClaimTemplateName } = record(claim);
    const own = resourceClaimName === undefined;
    const kind = own ? "ResourceClaimTemplate" : "ResourceClaim";
    const name = String(own ? resourceClaimTemplateName : resourceClaimName);
    return {
      path: `${pod.path}.resourceClaims[${index}]`,
      name: `${kind} ${name}`,
      from: model.find(pod.namespace, kind, DEVICE_GROUP, name),
      own,
    };
  });
}

/** What the claims that Kubernetes makes for one pod take of its namespace's quota, in thousandths. */
export function claimAmounts(model: ClusterModel, pod: PodSource): Amounts {
  const amounts: Amounts = {};
  const add = (key: string, count: number): void => {
    amounts[key] = (amounts[key] ?? 0n) + BigInt(count) * 1000n;
  };
  for (const { from, own } of podClaims(model, pod)) {
    if (!own) continue;
    add(`count/resourceclaims.${DEVICE_GROUP}`, 1);
    for (const [deviceClass, count] of from === undefined ? [] : devicesByClass(from))
      add(deviceQuotaKey(deviceClass), count);
  }
  return amounts;
}
