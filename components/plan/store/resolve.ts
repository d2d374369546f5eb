import { ModelStoreMode, type ModelStoreSpec, type StoreRegistrySpec, type StoreVolumeSpec } from "../../spec/index";
import type { CatalogueModel } from "../../models/catalogue";
import { DEFAULT_HOST } from "../../models/names";
import { contains, type Cidr } from "../../spec/cidr";
import type { Report } from "../faults";
import { isDnsSubdomain } from "../../spec/names";
import { checkOneOf, checkUnique, readBytes, readCidrs } from "../read";
import { CLOSED_RANGES } from "../resolve/network";

/** A model store with every default filled in. */
export interface ModelStore {
  mode: ModelStoreMode;
  bytes: number;
  /** Absent for dedicated stores. */
  volume?: StoreVolumeSpec;
  storageClass?: string;
  /** Hosts that are asked by plain HTTP. */
  plainHttpHosts: string[];
  /** What the loader may open connections to. */
  destinations: Destination[];
  credentialsSecret?: string;
  certificateAuthorityConfigMap?: string;
  proxy?: { url: string; except: string[] };
  protect: boolean;
}

/** Ranges and the one port in them. */
export interface Destination {
  ranges: Cidr[];
  port: number;
}

const HOST = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::(?<port>[1-9][0-9]{0,4}))?$/;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/** Fills in the defaults of a store and reports what is wrong with it. */
export function resolveModelStore(spec: ModelStoreSpec, models: Iterable<CatalogueModel>, report: Report): ModelStore {
  const mode = spec.mode ?? ModelStoreMode.shared;
  checkOneOf(report, "modelStore.mode", mode, ModelStoreMode);
  checkVolume(mode, spec.volume, report);
  if (mode === ModelStoreMode.shared && spec.size === undefined) {
    report(
      "modelStore.size",
      "is missing: write a quantity with room for every model of the catalogue, for example 500Gi",
    );
  }
  for (const key of ["storageClass", "credentialsSecret", "certificateAuthorityConfigMap"] as const) {
    const name = spec[key];
    if (name !== undefined && !isDnsSubdomain(name)) {
      report(`modelStore.${key}`, `${JSON.stringify(name)} is not the name of an object`);
    }
  }
  if (mode === ModelStoreMode.shared && spec.storageClass !== undefined) {
    report("modelStore.storageClass", "is for dedicated stores: remove it, a shared store has a volume of its own");
  }
  checkHosts(spec.registries, models, report);
  return {
    mode,
    bytes: readBytes(report, "modelStore.size", spec.size) ?? 0,
    volume: spec.volume,
    storageClass: spec.storageClass,
    plainHttpHosts: spec.registries.filter(({ plainHttp }) => plainHttp === true).map(({ host }) => host),
    destinations: readDestinations(spec, report),
    credentialsSecret: spec.credentialsSecret,
    certificateAuthorityConfigMap: spec.certificateAuthorityConfigMap,
    proxy: spec.proxy && { url: spec.proxy.url, except: spec.proxy.except ?? [] },
    protect: spec.deletable !== true,
  };
}

function checkVolume(mode: ModelStoreMode, volume: StoreVolumeSpec | undefined, report: Report): void {
  if (mode !== ModelStoreMode.shared) {
    if (volume !== undefined) report("modelStore.volume", "is for a shared store: remove it, or set mode to shared");
    return;
  }
  const sources = Object.entries(volume ?? {}).filter(([, source]) => source !== undefined);
  if (sources.length !== 1) {
    report("modelStore.volume", `has ${sources.length} sources: write exactly one of nfs, csi and local`);
  }
  const { nfs, csi, local } = volume ?? {};
  for (const [name, path] of Object.entries({ nfs: nfs?.path, local: local?.path })) {
    if (path !== undefined && !/^(\/[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/.test(path)) {
      report(`modelStore.volume.${name}.path`, `${JSON.stringify(path)} is not an absolute path without . and ..`);
    }
  }
  if (csi !== undefined && !csi.volumeHandle.includes("{folder}")) {
    report(
      "modelStore.volume.csi.volumeHandle",
      `${JSON.stringify(csi.volumeHandle)} has no {folder}: write it where the driver expects the folder inside the store`,
    );
  }
}

function checkHosts(registries: StoreRegistrySpec[], models: Iterable<CatalogueModel>, report: Report): void {
  checkUnique(
    registries.map(({ host }) => host),
    (index, host) =>
      report(`modelStore.registries[${index}].host`, `${JSON.stringify(host)} is listed twice: keep one`),
  );
  const known = new Set(registries.map(({ host }) => host));
  const missing = new Set([...models].map(({ source }) => sourceHost(source)).filter((host) => !known.has(host)));
  for (const host of missing) {
    report("modelStore.registries", `have no ${JSON.stringify(host)}, which models of the catalogue come from: add it`);
  }
}

/** The registry of a source, as the loader reads it. */
export function sourceHost(source: string): string {
  const [first = "", ...rest] = source.split("@")[0]?.split("/") ?? [];
  const named = rest.length > 1 || (rest.length === 1 && (/[.:]/.test(first) || first === "localhost"));
  return named ? first : DEFAULT_HOST;
}

function readDestinations({ registries, proxy }: ModelStoreSpec, report: Report): Destination[] {
  const hosts = registries.flatMap(({ host, cidrs = [], plainHttp }, index): Destination[] => {
    const path = `modelStore.registries[${index}]`;
    const port = HOST.exec(host)?.groups?.["port"] ?? (plainHttp === true ? HTTP_PORT : HTTPS_PORT);
    if (!HOST.test(host) || Number(port) > 65535) {
      report(
        `${path}.host`,
        `${JSON.stringify(host)} is not a host: write a name or address, and :port where it is not 443`,
      );
    }
    if (cidrs.length === 0) {
      if (proxy === undefined) report(`${path}.cidrs`, "are empty, so nothing may be reached: name the host's ranges");
      return [];
    }
    return [{ ranges: readRanges(cidrs, `${path}.cidrs`, report), port: Number(port) }];
  });
  return proxy === undefined ? hosts : [...hosts, ...readProxy(proxy, report)];
}

function readProxy({ url, cidrs }: NonNullable<ModelStoreSpec["proxy"]>, report: Report): Destination[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !["http:", "https:"].includes(parsed.protocol)) {
    report("modelStore.proxy.url", "is not an address: write for example http://proxy.example.com:3128");
    return [];
  }
  // The value is not repeated: it may hold what should not be there.
  if (parsed.username !== "" || parsed.password !== "") {
    report(
      "modelStore.proxy.url",
      "contains credentials, which would lie open in the Job: let the proxy know the loader by its address",
    );
  }
  if (cidrs.length === 0)
    report("modelStore.proxy.cidrs", "are empty, so the proxy cannot be reached: name its ranges");
  const port = parsed.port === "" ? (parsed.protocol === "https:" ? HTTPS_PORT : HTTP_PORT) : Number(parsed.port);
  return [{ ranges: readRanges(cidrs, "modelStore.proxy.cidrs", report), port }];
}

/** Metadata services hand out the node's own rights: no range may reach them. */
function readRanges(cidrs: string[], path: string, report: Report): Cidr[] {
  const ranges = readCidrs(report, path, cidrs);
  for (const range of ranges) {
    const around = CLOSED_RANGES.find((closed) => contains(closed, range));
    if (around !== undefined)
      report(path, `${range.text} lies in ${around.text}, which nobody may reach: name the host's own range`);
  }
  return ranges;
}
