import type { PlatformSpec } from "../../../components/spec/index";
import type { KubernetesObject, Namespace, NetworkPolicy } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects, type PlatformPlan } from "../../../components/plan/platform";
import type { TenantPlan } from "../../../components/plan/tenant/tenant";
import { nodeAddress } from "../../../tools/local-cluster/node/node";
import { registryPort } from "../../../tools/local-cluster/node/registry-address";

/** Labels by which the platform's settings know the two kinds of pods that may come in from outside. */
export const ingressLabels = { "app.kubernetes.io/name": "ingress-nginx" };
export const monitoringLabels = { "app.kubernetes.io/name": "prometheus" };

const model = "smollm2:135m";
const registryHost = `registry.model-registry.svc.cluster.local:${registryPort}`;
const server = { cpu: "500m", memory: "2Gi" };

/**
 * Two tenants that differ in one thing: hr may call the registry, which lies outside the cluster's pods. So may the loader of the
 * model store.
 */
const spec: PlatformSpec = {
  environment: "dev",
  cluster: {
    ingressControllers: [{ namespace: "ingress-nginx", podLabels: ingressLabels }],
    monitoring: [{ namespace: "monitoring", podLabels: monitoringLabels }],
  },
  models: [{ name: model, source: `${registryHost}/${model}` }],
  modelStore: {
    size: "1Gi",
    volume: { local: { path: "/nowhere", node: "node-1" } },
    registries: [{ host: registryHost, cidrs: [`${nodeAddress}/32`], plainHttp: true }],
  },
  tenants: [
    { name: "finance", models: { allow: [model] }, server },
    {
      name: "hr",
      models: { allow: [model] },
      server,
      network: { egressTo: [{ cidr: `${nodeAddress}/32`, ports: [{ port: registryPort }] }] },
    },
  ],
};

/** What the product plans for the two tenants. */
export const plannedEnvironment = (): PlatformPlan => planPlatform(spec);

/** The namespaces of the plan: each tenant's, and the model loader's. */
export const plannedNamespaces = ({ tenants, modelStore }: PlatformPlan): Namespace[] =>
  [...tenants, ...(modelStore === undefined ? [] : [modelStore])].map(({ namespace }) => namespace);

/** The network policies of the plan. */
export const plannedPolicies = (plan: PlatformPlan): NetworkPolicy[] =>
  platformObjects(plan).filter((object): object is NetworkPolicy => object.kind === "NetworkPolicy");

/** Labels of the server's pods, as the product's Deployment gives them. */
export function serverLabels({ server: objects }: TenantPlan): Record<string, string> {
  const deployment = objects.find(({ kind }) => kind === "Deployment") as
    (KubernetesObject & { spec: { template: { metadata: { labels: Record<string, string> } } } }) | undefined;
  if (deployment === undefined) throw new Error("the plan has no Deployment");
  return deployment.spec.template.metadata.labels;
}

/** Ports that some policy of the plan opens for pods of other namespaces, and one that none opens. */
export function probedPorts(policies: NetworkPolicy[]): number[] {
  const opened = policies
    .flatMap(({ spec: { ingress } }) => ingress ?? [])
    .flatMap(({ ports }) => ports ?? [])
    .flatMap(({ port }) => (typeof port === "number" ? port : []));
  return [...new Set([...opened, 7777])].sort((a, b) => a - b);
}
