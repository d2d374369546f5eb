import { contentHash, sha256Of } from "../content-hash";
import { gatewayArchives, gatewayFiles, type GatewayFiles } from "../../gateway/files";
import type { GatewayClient, GatewayInput } from "../../gateway/input";
import { CERTIFICATE_FILE, CERTIFICATE_KEY_FILE } from "../../gateway/placement";
import {
  CERTIFICATE_VOLUME,
  CONFIG_VOLUME,
  gatewayContainer,
  POLICY_VOLUME,
  RUN_VOLUME,
  RUN_VOLUME_SIZE,
  TOKENS_VOLUME,
} from "../../gateway/pod";
import { serviceAccountSubject } from "../../gateway/tokens";
import { resourceAmounts } from "../amounts";
import type { ConfigMap, Container, Secret, Volume } from "../kubernetes";
import { tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import type { Environment } from "../../spec/environment";
import { GATEWAY_RESOURCES } from "../../spec/replica";
import { gatewayLimits } from "../../spec/request-bodies";
import type { Tenant } from "../../spec/tenant";
import type { SharedLimits } from "../../spec/shared-limits";
import { LIMITS_PORT } from "../ports";
import { secretData } from "../tenant/secret-data";
import { LIMITS_HOST } from "../shared-limits/names";

/** Hashes of the keys that are accepted from a client. */
export interface ClientKeyHashes {
  /** Name of the client. */
  client: string;
  /** SHA-256 of each key, as 64 lower-case hexadecimal digits. */
  keySha256: string[];
}

/** The files of a tenant's gateway that need a new pod: Envoy's start-up configuration, the guard's code and the drain script. */
export interface StartFiles {
  /** Name of their ConfigMap. Envoy reads them once, so it carries their content: a change makes a new object and new pods, and
   * pods that still drain keep the files that they were started with. */
  configMap: string;
  /** Archives by name, in base64. */
  archives: Record<string, string>;
  /** SHA-256 of each archive by name. */
  sha256: Record<string, string>;
}

/** Packs the files that a tenant's gateway is started with. */
export function startFiles(tenant: Tenant): StartFiles {
  const archives = Object.entries(gatewayArchives(gatewayInput(tenant, [])));
  const sha256 = Object.fromEntries(archives.map(([name, bytes]) => [name, sha256Of(bytes)]));
  return {
    configMap: `${TENANT_OBJECT.gatewayConfig}-${contentHash(JSON.stringify(sha256))}`,
    archives: Object.fromEntries(archives.map(([name, bytes]) => [name, bytes.toString("base64")])),
    sha256,
  };
}

/** The container of the gateway. It reads its files from the volumes of `gatewayVolumes`. */
export function gatewayOf(
  { access, server }: Tenant,
  terminationGracePeriodSeconds: number,
  { images }: Environment,
  { sha256 }: StartFiles,
): Container {
  const amounts = resourceAmounts(GATEWAY_RESOURCES);
  return {
    ...gatewayContainer({
      image: images.envoy,
      archives: sha256,
      terminationGracePeriodSeconds,
      tls: server.certificateSecret !== undefined,
      tokens: access.tokens !== undefined,
    }),
    imagePullPolicy: "IfNotPresent",
    resources: { requests: amounts, limits: amounts },
  };
}

/** Volumes with the gateway's files. */
export function gatewayVolumes(tenant: Tenant, { configMap }: StartFiles): Volume[] {
  return [
    { name: CONFIG_VOLUME, configMap: { name: configMap } },
    { name: RUN_VOLUME, emptyDir: { medium: "Memory", sizeLimit: RUN_VOLUME_SIZE } },
    secretVolume(POLICY_VOLUME, TENANT_OBJECT.gatewayPolicy),
    ...(tenant.access.tokens === undefined ? [] : [secretVolume(TOKENS_VOLUME, TENANT_OBJECT.gatewayTokens)]),
    ...(tenant.server.certificateSecret === undefined
      ? []
      : [secretVolume(CERTIFICATE_VOLUME, tenant.server.certificateSecret, [CERTIFICATE_FILE, CERTIFICATE_KEY_FILE])]),
  ];
}

/** Readable for the pod's group, and for nobody else on the node. */
function secretVolume(name: string, secretName: string, files?: string[]): Volume {
  const items = files?.map((file) => ({ key: file, path: file }));
  return { name, secret: { secretName, defaultMode: 0o440, ...(items && { items }) } };
}

/** What a tenant's gateway is started with. The archives are the same for the same files, whoever packs them. */
export function planGatewayConfig(tenant: Tenant, { configMap, archives } = startFiles(tenant)): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: configMap, namespace: tenant.namespace, labels: tenantLabels(tenant, "gateway") },
    immutable: true,
    binaryData: archives,
  };
}

/**
 * The policy that Envoy follows while it runs: routes, models, limits and the hashes of the accepted keys. It changes
 * in place. A suspended tenant accepts no key.
 *
 * @param keys Hashes by client; a client that is not in it is refused.
 */
export function planGatewayPolicy(tenant: Tenant, keys: ClientKeyHashes[]): Secret {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: TENANT_OBJECT.gatewayPolicy,
      namespace: tenant.namespace,
      labels: tenantLabels(tenant, "gateway"),
    },
    type: "Opaque",
    data: secretData(filesOf(tenant, keys).secrets),
  };
}

/**
 * What makes a ServiceAccount's token valid, for a tenant with clients that call with tokens. It is a Secret, not a
 * ConfigMap, because roles may edit neither and read no Secret: who could write to it could add a key of their own.
 */
export function planGatewayTokens(tenant: Tenant): Secret[] {
  // Most tenants accept none: their files are not made for that answer.
  if (tenant.access.tokens === undefined) return [];
  const { tokens = {} } = filesOf(tenant, []);
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: TENANT_OBJECT.gatewayTokens,
        namespace: tenant.namespace,
        labels: tenantLabels(tenant, "gateway"),
      },
      type: "Opaque",
      data: secretData(tokens),
    },
  ];
}

function filesOf(tenant: Tenant, keys: ClientKeyHashes[]): GatewayFiles {
  return gatewayFiles(gatewayInput(tenant, keys));
}

/**
 * What a tenant's gateway is made from.
 *
 * @param keys Hashes by client; a client that is not in it is refused.
 */
export function gatewayInput(tenant: Tenant, keys: ClientKeyHashes[]): GatewayInput {
  const { name, models, server, access } = tenant;
  return {
    tenant: name,
    models: models.allow.map((canonical) => ({ canonical })),
    clients: gatewayClients(tenant, keys),
    ...(access.budget && { budget: access.budget }),
    ...(access.tokens && { tokens: access.tokens }),
    ...(access.sharedLimits && { sharedLimits: limitsService(access.sharedLimits) }),
    ...(server.certificateSecret !== undefined && { tls: true }),
    ...gatewayLimits(server),
  };
}

/** Where the gateway asks for counts over all replicas. */
function limitsService({ whenUnavailable, graceSeconds }: SharedLimits): GatewayInput["sharedLimits"] {
  return { host: LIMITS_HOST, port: LIMITS_PORT, whenUnavailable, graceSeconds };
}

/** The clients that have keys or a ServiceAccount, with what they may do. A suspended tenant has none. */
function gatewayClients({ access, suspended }: Tenant, keys: ClientKeyHashes[]): GatewayClient[] {
  if (suspended) return [];
  return access.clients.flatMap(({ name, maxConcurrentRequests, keyGenerations: _, serviceAccount, ...limits }) => {
    const keySha256 = keys.filter(({ client }) => client === name).flatMap((hashes) => hashes.keySha256);
    if (keySha256.length === 0 && serviceAccount === undefined) return [];
    const account = serviceAccount && {
      subject: serviceAccountSubject(serviceAccount.namespace, serviceAccount.name),
    };
    return [{ name, keySha256, ...account, maxConcurrent: maxConcurrentRequests, ...limits }];
  });
}
