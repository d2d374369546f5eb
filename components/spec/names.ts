/** Namespace of what serves all tenants. */
export const PLATFORM_NAMESPACE = "ollama-platform-system";

/** Namespace of the monitor. */
export const MONITOR_NAMESPACE = "ollama-platform-monitor";

/** Namespace of the service of shared limits. */
export const LIMITS_NAMESPACE = "ollama-platform-limits";

/** Longest name of a tenant or node pool: leaves room for every prefix within a DNS label's 63 characters. */
export const MAX_NAME_LENGTH = 40;

/** Names of a tenant's objects. They are a contract: people, policies and dashboards refer to them. */
export const TENANT_OBJECT = {
  /** Deployment, Service, HorizontalPodAutoscaler, PodDisruptionBudget and ServiceAccount of the server. */
  server: "ollama",
  /** ConfigMap with the models that the tenant may use. */
  modelAccess: "model-access",
  /** ConfigMap with the files that a server has to find in its store, and what it loads beforehand. */
  modelFiles: "model-files",
  /** Beginning of the name of the ConfigMap with the gateway's start-up configuration; a hash of its content follows. */
  gatewayConfig: "gateway-config",
  /** Secret with the gateway's policy and the hashes of the clients' keys. */
  gatewayPolicy: "gateway-policy",
  /** Secret with what makes a ServiceAccount's token valid at the gateway. */
  gatewayTokens: "gateway-tokens",
  /** Beginning of the name of the ResourceClaimTemplate for the server's GPUs; their number and class follow. */
  claimTemplate: "gpus",
  viewer: "viewer",
  operator: "operator",
  /** Role and RoleBinding of those who deploy in the workspace. */
  developer: "developer",
  quota: "quota",
  priorityQuota: "quota-priority",
  affinityQuota: "quota-affinity",
  limits: "limits",
  defaultDeny: "default-deny",
  allowDns: "allow-dns",
  allowSameTenant: "allow-same-tenant",
  allowToServer: "allow-to-server",
  allowClients: "allow-clients",
  allowMonitoring: "allow-monitoring",
  allowEgress: "allow-egress",
  /** Lets the pods of the workspace in, to the gateway. */
  allowWorkspace: "allow-workspace",
  /** Lets the servers' pods ask the service of shared limits. */
  allowSharedLimits: "allow-shared-limits",
} as const;

/** Namespace of a tenant. */
export function tenantNamespace(tenant: string): string {
  return `tenant-${tenant}`;
}

/** Namespace of a tenant's own programs. */
export function workspaceNamespace(tenant: string): string {
  return `${tenantNamespace(tenant)}-apps`;
}

/** Every namespace of a tenant, as its declaration says. */
export function namespacesOf({ name, workspace }: { name: string; workspace?: object }): string[] {
  return [tenantNamespace(name), ...(workspace === undefined ? [] : [workspaceNamespace(name)])];
}

/** Secret with a client's key. */
export function clientSecretName(client: string): string {
  return `client-${client}`;
}

/** Secrets that the platform makes in tenants' namespaces, beside the clients'. */
const PLATFORM_SECRETS: readonly string[] = [TENANT_OBJECT.gatewayPolicy, TENANT_OBJECT.gatewayTokens];

/** Whether the platform itself makes a Secret of that name in tenants' namespaces. */
export function isPlatformSecret(name: string): boolean {
  return PLATFORM_SECRETS.includes(name) || name.startsWith(clientSecretName(""));
}

/**
 * Audience that a token for a tenant's servers has to name: the host of the tenant's Service, which no other tenant has.
 *
 * @param namespace The tenant's namespace.
 */
export function tokenAudience(namespace: string): string {
  return `${TENANT_OBJECT.server}.${namespace}.svc`;
}

/** Priority class of a tenant's pods; cluster-scoped, so the name carries the tenant. */
export function tenantPriorityClass(tenant: string): string {
  return `ollama-platform-tenant-${tenant}`;
}

/** Whether a text is an RFC 1123 DNS label of at most `maxLength` characters. */
export function isDnsLabel(text: string, maxLength = 63): boolean {
  return text.length <= maxLength && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text);
}

/** Whether a text is an RFC 1123 DNS subdomain, the form of most object names. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split(".").every((label) => isDnsLabel(label));
}
