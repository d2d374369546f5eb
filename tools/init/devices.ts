/** What drivers of dynamic resource allocation give out in a cluster. */
import type { Observed } from "./observe";

/** A class of devices that pods claim. */
export interface DeviceClass {
  name: string;
  /** Resource by which pods may request its devices too. */
  resource?: string;
}

/** Devices of one driver. */
export interface ClaimableDevices {
  driver: string;
  devices: number;
  nodes: number;
}

/** Classes of devices, by name. */
export function deviceClasses({ lists }: Observed): DeviceClass[] {
  const classes = lists.deviceClasses.map(({ metadata: { name }, spec }): DeviceClass => {
    const resource = spec?.["extendedResourceName"] as string | undefined;
    return { name, ...(resource === undefined ? {} : { resource }) };
  });
  return classes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Devices that drivers say they have on nodes, by driver; of a pool that changes only what its last generation says. */
export function claimableDevices({ lists }: Observed): ClaimableDevices[] {
  const slices = lists.deviceSlices.map(({ spec }) => (spec ?? {}) as Slice);
  const newest = new Map<string, number>();
  const poolOf = ({ driver = "", pool }: Slice) => `${driver} ${pool?.name}`;
  for (const slice of slices)
    newest.set(poolOf(slice), Math.max(slice.pool?.generation ?? 0, newest.get(poolOf(slice)) ?? 0));
  const current = slices.filter((slice) => (slice.pool?.generation ?? 0) === newest.get(poolOf(slice)));
  const drivers = [...new Set(current.flatMap(({ driver }) => driver ?? []))].sort();
  return drivers.map((driver) => {
    const own = current.filter((slice) => slice.driver === driver);
    return {
      driver,
      devices: own.reduce((sum, { devices = [] }) => sum + devices.length, 0),
      nodes: new Set(own.flatMap(({ nodeName }) => nodeName ?? [])).size,
    };
  });
}

interface Slice {
  driver?: string;
  nodeName?: string;
  pool?: { name?: string; generation?: number };
  devices?: object[];
}
