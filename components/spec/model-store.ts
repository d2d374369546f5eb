import type { AbsolutePath, CidrRange, ObjectName, Quantity, RegistryHost, VolumeAttribute } from "./forms";
import { DEFAULT_HOST } from "../models/names";
import type { ModelSpec } from "../models/catalogue";
import { readTotalBytes } from "./amounts";
import { contains, parseCidr, type Cidr } from "./cidr";
import { CLOSED_RANGES } from "./closed-ranges";
import { present, type Draft } from "./draft";
import type { Problem, Report } from "./fault";
import type { At, Path } from "./path";
import { readText } from "./read";

/** How many stores an environment has. */
export const ModelStoreMode = {
  /** One store for all tenants; each sees only its own models, and nobody but the loader writes. */
  shared: "shared",
  /** One store for each tenant, in its own namespace, filled by a loader of its own. */
  dedicated: "dedicated",
} as const;
export type ModelStoreMode = (typeof ModelStoreMode)[keyof typeof ModelStoreMode];

/** How many nodes may mount a dedicated store at once. */
export const StoreAccessMode = {
  /** Many nodes: replicas and the loader run anywhere. */
  readWriteMany: "ReadWriteMany",
  /** One node, as most block storage: one replica, and the loader beside it. */
  readWriteOnce: "ReadWriteOnce",
} as const;
export type StoreAccessMode = (typeof StoreAccessMode)[keyof typeof StoreAccessMode];

/** Where models are kept and where they come from. */
export interface ModelStoreSpec {
  /**
   * One store for all tenants, or one for each. Default: `shared`.
   * @default "shared"
   */
  mode?: ModelStoreMode;
  /**
   * Size of a shared store as a quantity; required for it. A dedicated store has the size of its tenant's storage quota.
   * @examples ["500Gi"]
   */
  size?: Quantity;
  /**
   * Volume of a shared store; required for it, forbidden for dedicated ones.
   * @examples [{ "nfs": { "server": "nfs.example.com", "path": "/models" } }]
   */
  volume?: StoreVolumeSpec;
  /**
   * StorageClass of dedicated stores; it has to offer the access mode. Default: the cluster's default class.
   * @examples ["efs"]
   */
  storageClass?: ObjectName;
  /**
   * How many nodes may mount a dedicated store; with `ReadWriteOnce` no tenant has more than one replica. Default: `ReadWriteMany`.
   * @default "ReadWriteMany" @examples ["ReadWriteOnce"]
   */
  accessMode?: StoreAccessMode;
  /**
   * Every host that the loader may reach: registries, their token services, and what they redirect to.
   * @minItems 1 @examples [[{ "host": "registry.example.com", "cidrs": ["203.0.113.0/28"] }]]
   */
  registries: StoreRegistrySpec[];
  /**
   * Secret of type `kubernetes.io/dockerconfigjson` in the loader's namespace. Default: pulls without credentials.
   * @examples ["registry-credentials"]
   */
  credentialsSecret?: ObjectName;
  /**
   * ConfigMap in the loader's namespace with private certificate authorities under `ca.crt`. Default: public ones only.
   * @examples ["registry-ca"]
   */
  certificateAuthorityConfigMap?: ObjectName;
  /** Proxy between the loader and the registries. Default: none. */
  proxy?: StoreProxySpec;
  /**
   * Whether an up may delete the store's volume and claim. Default: false, they are protected.
   * @default false @examples [true]
   */
  deletable?: boolean;
}

/** The volume of a shared store: exactly one of its properties. Its root belongs to user and group 10001. */
export interface StoreVolumeSpec {
  /** An NFS export. */
  nfs?: NfsVolumeSpec;
  /** A volume of a CSI driver that many nodes can mount. */
  csi?: CsiVolumeSpec;
  /** A folder of the nodes themselves: of one node, or a cluster file system that all nodes have mounted. */
  local?: LocalVolumeSpec;
}

/** An NFS export. */
export interface NfsVolumeSpec {
  /**
   * Host name or address of the server.
   * @minLength 1 @maxLength 253 @examples ["nfs.example.com"]
   */
  server: string;
  /**
   * Absolute path of the export.
   * @examples ["/models"]
   */
  path: AbsolutePath;
}

/**
 * A volume of a CSI driver. The text `{folder}` in handle and attributes stands for the folder inside the store: empty
 * for the loader, `/views/<tenant>` for a tenant. The handle has to contain it, because no two volumes may share one.
 */
export interface CsiVolumeSpec {
  /**
   * Name of the driver, for example `efs.csi.aws.com`.
   * @minLength 1 @maxLength 253 @examples ["efs.csi.aws.com"]
   */
  driver: string;
  /**
   * Handle of the volume, for example `fs-0123456789abcdef0:/models{folder}`.
   * @minLength 1 @maxLength 500 @examples ["fs-0123456789abcdef0:/models{folder}"]
   */
  volumeHandle: string;
  /**
   * Attributes of the volume, as the driver documents them. Default: none.
   * @default {} @examples [{ "share": "/models{folder}" }]
   */
  volumeAttributes?: Record<string, VolumeAttribute>;
}

/** A folder of the nodes. */
export interface LocalVolumeSpec {
  /**
   * Absolute path of a folder that exists on the node, or on every node.
   * @examples ["/var/lib/models"]
   */
  path: AbsolutePath;
  /**
   * The one node that has the folder: value of its `kubernetes.io/hostname` label. Default: every Linux node has it, as
   * with a cluster file system mounted at the same path everywhere.
   * @minLength 1 @maxLength 253 @examples ["node-1"]
   */
  node?: string;
}

/** A host that the loader may reach. */
export interface StoreRegistrySpec {
  /**
   * Host, with its port where that is not 443, for example `registry.example.com:5000`.
   * @examples ["registry.example.com:5000"]
   */
  host: RegistryHost;
  /**
   * Ranges in CIDR notation that the host's addresses are in; at least one, unless there is a proxy.
   * @minItems 1 @uniqueItems @examples [["203.0.113.0/28"]]
   */
  cidrs?: CidrRange[];
  /**
   * Whether it is asked by plain HTTP; digests still hold, credentials can be read on the way. Default: false.
   * @default false @examples [true]
   */
  plainHttp?: boolean;
}

/** A forward proxy. */
export interface StoreProxySpec {
  /**
   * Address, for example `http://proxy.example.com:3128`; it may not contain credentials.
   * @minLength 1 @maxLength 500 @examples ["http://proxy.example.com:3128"]
   */
  url: string;
  /**
   * Ranges in CIDR notation that the proxy's addresses are in.
   * @minItems 1 @uniqueItems @examples [["203.0.113.32/32"]]
   */
  cidrs: CidrRange[];
  /**
   * Hosts that are reached without it. Default: none.
   * @uniqueItems @default [] @examples [["registry.example.com"]]
   */
  except?: RegistryHost[];
}

/** A model store with every default filled in. */
export interface ModelStore {
  mode: ModelStoreMode;
  bytes: number;
  /** Absent for dedicated stores. */
  volume?: StoreVolumeSpec;
  storageClass?: string;
  accessMode: StoreAccessMode;
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
const LAST_PORT = 65535;

/** Checks where models are kept, and that the loader may reach where they come from. */
export function checkModelStore(
  store: Draft<ModelStoreSpec> | undefined,
  models: Draft<ModelSpec[]> | undefined,
  report: Report,
): void {
  if (store === undefined) return;
  if ((store.mode ?? ModelStoreMode.shared) === ModelStoreMode.shared) checkSharedStore(store, report);
  else if (store.volume !== undefined) {
    const problem = "is for a shared store, and this one is dedicated";
    report({ path: at("volume"), restsOn: [at("mode")], problem, fix: "remove it, or set `mode: shared`", at: "key" });
  }
  readText(readTotalBytes, store.size, at("size"), report);
  checkRegistries(store, report);
  checkSources(store, models, report);
  checkProxy(store, report);
}

const at = (...steps: Path): Path => ["modelStore", ...steps];

function checkSharedStore({ size, storageClass, accessMode, volume }: Draft<ModelStoreSpec>, report: Report): void {
  const restsOn = [at("mode")];
  if (size === undefined) {
    report({
      path: at("size"),
      restsOn,
      problem: "is missing, and a shared store needs it",
      allowed: "a quantity with room for every model of the catalogue",
      fix: "add `size`, for example `500Gi`",
    });
  }
  if (storageClass !== undefined) {
    report({
      path: at("storageClass"),
      value: storageClass,
      restsOn,
      problem: "is for dedicated stores: a shared store has a volume of its own",
      fix: "remove it, or set `mode: dedicated`",
    });
  }
  if (accessMode !== undefined) {
    report({
      path: at("accessMode"),
      value: accessMode,
      restsOn,
      problem: "is for dedicated stores: many nodes mount a shared one",
      fix: "remove it, or set `mode: dedicated`",
      at: "key",
    });
  }
  checkVolume(volume, report);
}

function checkVolume(volume: Draft<StoreVolumeSpec> = {}, report: Report): void {
  const kinds = ["nfs", "csi", "local"] as const;
  const sources = kinds.filter((kind) => volume[kind] !== undefined);
  if (sources.length !== 1) {
    report({
      path: at("volume"),
      restsOn: [at("mode"), ...kinds.map((kind) => at("volume", kind))],
      problem: sources.length === 0 ? "names no source of the volume" : `names ${sources.length} sources of one volume`,
      allowed: "exactly one of `nfs`, `csi` and `local`",
      fix: sources.length === 0 ? "add one of them" : "keep one of them",
    });
  }
  for (const kind of ["nfs", "local"] as const) {
    const path = volume[kind]?.path;
    if (path === undefined || /^(\/[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/.test(path)) continue;
    report({
      path: at("volume", kind, "path"),
      value: path,
      problem: "is not the path of one folder",
      allowed: "an absolute path of letters, digits, `_`, `.` and `-`, without `.` and `..` as parts",
      fix: "write the path in full, without a slash at its end",
    });
  }
  const handle = volume.csi?.volumeHandle;
  if (handle !== undefined && !handle.includes("{folder}")) {
    report({
      path: at("volume", "csi", "volumeHandle"),
      value: handle,
      problem: "has no `{folder}`, and no two volumes may share a handle",
      allowed: "a handle that contains `{folder}`",
      fix: "write `{folder}` where the driver expects the folder inside the store",
    });
  }
}

function checkRegistries({ registries, proxy }: Draft<ModelStoreSpec>, report: Report): void {
  const hosts = registries?.map((registry) => registry?.host) ?? [];
  for (const { item, index } of present(registries)) {
    const { host, cidrs, plainHttp } = item;
    const path = at("registries", index, "host");
    if (host !== undefined && hosts.indexOf(host) < index) {
      report({ path, value: host, problem: "is listed twice", allowed: "each host once", fix: "keep one of the two" });
    } else if (host !== undefined && portOf(host, plainHttp) === undefined) {
      report({
        path,
        value: host,
        problem: "is not a host",
        allowed: "a name or an address, with `:` and the port where it is not 443",
        fix: "write for example `registry.example.com:5000`",
      });
    }
    if (present(cidrs).length === 0 && proxy === undefined) {
      report({
        path: at("registries", index, "cidrs"),
        restsOn: [at("proxy")],
        problem: "is missing, so nothing of the host may be reached",
        allowed: "ranges in CIDR notation that the host's addresses are in",
        fix: "add the ranges, or declare a proxy",
      });
    }
    checkRanges(cidrs, at("registries", index, "cidrs"), report);
  }
}

/** The port of a host; undefined for a text that is no host. */
function portOf(host: string, plainHttp: boolean | undefined): number | undefined {
  const match = HOST.exec(host);
  const port = Number(match?.groups?.["port"] ?? (plainHttp === true ? HTTP_PORT : HTTPS_PORT));
  return match === null || port > LAST_PORT ? undefined : port;
}

/** Metadata services hand out the node's own rights: no range may reach them. */
function checkRanges(cidrs: Draft<string[]> | undefined, path: Path, report: Report): void {
  for (const { item, index } of present(cidrs)) {
    const range = readText(parseCidr, item, [...path, index], report);
    const around = range && CLOSED_RANGES.find((closed) => contains(closed, range));
    if (around === undefined) continue;
    report({
      path: [...path, index],
      value: item,
      problem: `lies in ${around.text}, which no pod may reach`,
      allowed: "a range without loopback, link-local and metadata addresses",
      fix: "write the host's own range",
    });
  }
}

/** Every model of the catalogue comes from a host that the loader may reach. Sources that cannot be read are left out. */
function checkSources(
  { registries }: Draft<ModelStoreSpec>,
  models: Draft<ModelSpec[]> | undefined,
  report: Report,
): void {
  const known = present(registries).map(({ item }) => item.host);
  if (registries === undefined || known.includes(undefined)) return;
  const missing = new Map<string, Path[]>();
  for (const { item, index } of present(models)) {
    const source = item.source ?? item.name;
    const host = source === undefined || source.includes("://") ? undefined : sourceHost(source);
    if (host === undefined || known.includes(host)) continue;
    missing.set(host, [...(missing.get(host) ?? []), ["models", index, item.source === undefined ? "name" : "source"]]);
  }
  for (const [host, restsOn] of missing) {
    report({
      path: at("registries"),
      restsOn,
      problem: `has no ${host}, which models of the catalogue come from`,
      allowed: "every host that models come from",
      fix: `add an entry with \`host: ${host}\``,
    });
  }
}

/** What matters of a tenant to the store that its servers mount. */
export interface StoreUser {
  nodePool?: string;
  maxReplicas: number;
}

/**
 * Checks that a tenant's servers can run where its store can be mounted.
 *
 * @param atTenant Leads to what is below the tenant.
 */
export function checkStoreReach(
  store: Draft<ModelStoreSpec> | undefined,
  { nodePool, maxReplicas }: StoreUser,
  atTenant: At,
  report: Report,
): void {
  const node = store?.volume?.local?.node;
  const isDedicated = store?.mode === ModelStoreMode.dedicated;
  if (node !== undefined && nodePool !== undefined && !isDedicated) {
    report({
      path: atTenant("server", "nodePool"),
      value: nodePool,
      restsOn: [at("volume", "local", "node"), at("mode")],
      problem: `keeps the servers off ${node}, the one node that has the models: its loader runs there without a pool`,
      allowed: "no pool, while the store is on one node",
      fix: "remove `nodePool`, or keep the models where every node can mount them, for example with `nfs` or `csi`",
    });
  }
  if (!isDedicated || store?.accessMode !== StoreAccessMode.readWriteOnce || maxReplicas <= 1) return;
  report({
    path: atTenant("autoscaling", "maxReplicas"),
    value: maxReplicas,
    restsOn: [at("accessMode"), at("mode"), atTenant("autoscaling", "minReplicas")],
    problem:
      "asks for replicas on several nodes, and one node alone can mount a store with `accessMode: ReadWriteOnce`",
    allowed: "`1`",
    fix: "set `maxReplicas: 1`, or choose a class with `ReadWriteMany`",
  });
}

/** The registry of a source, as the loader reads it. */
export function sourceHost(source: string): string {
  const [first = "", ...rest] = source.split("@")[0]?.split("/") ?? [];
  const named = rest.length > 1 || (rest.length === 1 && (/[.:]/.test(first) || first === "localhost"));
  return named ? first : DEFAULT_HOST;
}

function checkProxy({ proxy }: Draft<ModelStoreSpec>, report: Report): void {
  const fault = proxy?.url === undefined ? undefined : faultOfProxy(proxy.url);
  // The value is not repeated: it may hold what should not be there.
  if (fault !== undefined) report({ path: at("proxy", "url"), ...fault });
  checkRanges(proxy?.cidrs, at("proxy", "cidrs"), report);
}

function faultOfProxy(text: string): Problem | undefined {
  const allowed = "the address of a proxy without credentials, for example `http://proxy.example.com:3128`";
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    return { problem: "is not the address of a proxy", allowed, fix: "write `http://`, the host and its port" };
  }
  if (url.username === "" && url.password === "") return undefined;
  return {
    problem: "contains credentials, which would lie open in the Job",
    allowed,
    fix: "let the proxy know the loader by its address",
  };
}

/** Fills in the defaults of a store. */
export function resolveModelStore(spec: ModelStoreSpec): ModelStore {
  const { registries, proxy } = spec;
  return {
    mode: spec.mode ?? ModelStoreMode.shared,
    bytes: spec.size === undefined ? 0 : readTotalBytes(spec.size),
    volume: spec.volume,
    storageClass: spec.storageClass,
    accessMode: spec.accessMode ?? StoreAccessMode.readWriteMany,
    plainHttpHosts: registries.filter(({ plainHttp }) => plainHttp === true).map(({ host }) => host),
    destinations: destinationsOf(spec),
    credentialsSecret: spec.credentialsSecret,
    certificateAuthorityConfigMap: spec.certificateAuthorityConfigMap,
    proxy: proxy && { url: proxy.url, except: proxy.except ?? [] },
    protect: spec.deletable !== true,
  };
}

function destinationsOf({ registries, proxy }: ModelStoreSpec): Destination[] {
  const hosts = registries.flatMap(({ host, cidrs = [], plainHttp }): Destination[] =>
    cidrs.length === 0 ? [] : [{ ranges: cidrs.map(parseCidr), port: portOf(host, plainHttp) ?? HTTPS_PORT }],
  );
  if (proxy === undefined) return hosts;
  const { port, protocol } = new URL(proxy.url);
  const standard = protocol === "https:" ? HTTPS_PORT : HTTP_PORT;
  return [...hosts, { ranges: proxy.cidrs.map(parseCidr), port: port === "" ? standard : Number(port) }];
}
