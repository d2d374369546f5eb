/**
 * The platform that is guarded in the tests: three tenants and a shared store, one tenant on a GPU pool and with a host, one
 * whose GPUs are given out by claims.
 */
import { generateKeyPairSync } from "node:crypto";
import {
  IsolationLevel,
  JsonWebKeyType,
  type JsonWebKeySpec,
  NodePoolBackend,
  NodePoolTenancy,
  type PlatformSpec,
} from "../../../components/spec/index";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { DEPLOYER, type Loose } from "./acts";

const MODEL = "qwen2.5:0.5b";
const source = {
  source: "registry.example.com/library/qwen2.5:0.5b",
  digest: `sha256:${"0".repeat(64)}`,
};

/** A key that nobody has signed anything with. */
function publicKey(): JsonWebKeySpec {
  const { publicKey: key } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { n = "", e = "" } = key.export({ format: "jwk" });
  return { kty: JsonWebKeyType.RSA, kid: "example", n, e };
}

/** The declaration. */
export const SPEC: PlatformSpec = {
  environment: "guarded",
  cluster: {
    guard: { deployers: [DEPLOYER.username] },
    serviceAccountIssuer: { url: "https://issuer.example.com", jwks: { keys: [publicKey()] } },
    monitoring: [{ namespace: "monitoring", podLabels: { "app.kubernetes.io/name": "prometheus" } }],
    ingressControllers: [{ namespace: "ingress-nginx", podLabels: { "app.kubernetes.io/name": "ingress-nginx" } }],
  },
  ingress: { domain: "models.example.com", ingressClass: "nginx" },
  nodePools: [
    {
      name: "finance-gpu",
      backend: NodePoolBackend.karpenterKwok,
      tenancy: NodePoolTenancy.dedicated,
      tenant: "finance",
      gpu: { resource: "nvidia.com/gpu", memoryGiB: 24, countPerNode: 1 },
      limits: { cpu: "32", memory: "128Gi", gpus: 2 },
    },
    {
      name: "labs-gpu",
      backend: NodePoolBackend.existing,
      tenancy: NodePoolTenancy.dedicated,
      tenant: "labs",
      gpu: { deviceClass: "gpu.nvidia.com", memoryGiB: 24, countPerNode: 1 },
      limits: { cpu: "32", memory: "128Gi", gpus: 2 },
    },
  ],
  models: [{ name: MODEL, ...source }],
  modelStore: {
    size: "20Gi",
    volume: { nfs: { server: "store.example.com", path: "/models" } },
    registries: [{ host: "registry.example.com", cidrs: ["203.0.113.5/32"] }],
  },
  tenants: [
    {
      name: "finance",
      isolationLevel: IsolationLevel.dedicatedNodes,
      models: { allow: [MODEL] },
      server: { nodePool: "finance-gpu", gpus: 1, cpu: "2", memory: "8Gi" },
      autoscaling: { minReplicas: 1, maxReplicas: 2, targetRequestsInFlight: 2 },
      access: { viewers: ["finance-analysts"], operators: ["finance-operators"], clients: [{ name: "ledger" }] },
      ingress: { hosts: ["finance.models.example.com"], tlsSecret: "finance-tls" },
      network: { egressTo: [{ cidr: "203.0.113.16/28", ports: [{ port: 443 }] }] },
    },
    {
      name: "labs",
      isolationLevel: IsolationLevel.dedicatedNodes,
      models: { allow: [MODEL] },
      server: { nodePool: "labs-gpu", gpus: 1, cpu: "2", memory: "8Gi" },
      autoscaling: { minReplicas: 1, maxReplicas: 2 },
    },
    {
      name: "hr",
      models: { allow: [MODEL] },
      server: { cpu: "1", memory: "4Gi" },
      autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 70 },
      access: { viewers: ["hr-business-partners"], operators: ["hr-operators"], clients: [{ name: "portal" }] },
      network: { ingressFrom: [{ namespace: "portal", podLabels: { app: "portal" } }] },
      workspace: {
        developers: ["hr-developers"],
        images: ["registry.example.com/hr", "quay.example.com", "docker.io/library/nginx"],
        serviceAccounts: ["helpdesk"],
      },
    },
  ],
};

/** What the platform is planned to be. */
export const PLAN = planPlatform(SPEC);
/** All its objects, as JSON: nothing is shared and nothing is undefined. */
export const OBJECTS = JSON.parse(JSON.stringify(platformObjects(PLAN))) as Loose[];

/** An object of the plan; a name that ends in `-` is a beginning. */
export function planned(kind: string, name: string, namespace?: string): Loose {
  const found = OBJECTS.find(
    (object) =>
      object.kind === kind &&
      (name.endsWith("-") ? object.metadata.name.startsWith(name) : object.metadata.name === name) &&
      (namespace === undefined || object.metadata.namespace === namespace),
  );
  if (found === undefined) throw new Error(`the plan has no ${kind} ${namespace ?? ""}/${name}`);
  return found;
}
