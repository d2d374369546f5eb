/** Breaks of rules between values that files and components have to refuse alike, each with its one place. */
import type { Files } from "./entries";

interface Break {
  change(files: Files): void;
  /** Place of the fault; it begins with the tenant, or is one of the environment. */
  place: string;
}

const tenant = (name: string, edit: (spec: Files["config"]) => void, place: string): Break => ({
  change: ({ tenants }) => edit(tenants[name].spec),
  place: `${name}.${place}`,
});
const finance = (place: string, edit: (spec: Files["config"]) => void) => tenant("finance", edit, place);
const hr = (place: string, edit: (spec: Files["config"]) => void) => tenant("hr", edit, place);
const environment = (place: string, edit: (config: Files["config"]) => void): Break => ({
  change: ({ config }) => edit(config),
  place,
});

const podLabels = { app: "x" };
const digest = `@sha256:${"0123456789abcdef".repeat(4)}`;

/** Breaks by what they are. */
export const rules: Record<string, Break> = {
  "pods of another tenant as callers": hr("network.ingressFrom[0].namespace", (spec) => {
    spec.network = { ingressFrom: [{ namespace: "tenant-finance", podLabels }] };
  }),
  "pods of kube-system as callers": hr("network.ingressFrom[0].namespace", (spec) => {
    spec.network = { ingressFrom: [{ namespace: "kube-system", podLabels }] };
  }),
  "pods of the platform as callers": hr("network.ingressFrom[0].namespace", (spec) => {
    spec.network = { ingressFrom: [{ namespace: "ollama-platform-system", podLabels }] };
  }),
  "monitoring in a tenant's namespace": environment("cluster.monitoring[0].namespace", ({ cluster }) => {
    cluster.monitoring = [{ namespace: "tenant-hr", podLabels }];
  }),
  "ingress controllers in a tenant's namespace": environment("cluster.ingressControllers[0].namespace", (config) => {
    config.cluster.ingressControllers = [{ namespace: "tenant-hr", podLabels }];
  }),
  "DNS in a tenant's namespace": environment("cluster.dns.namespace", ({ cluster }) => {
    cluster.dns = { namespace: "tenant-hr", podLabels };
  }),
  "egress to the metadata service": finance("network.egressTo[0].cidr", (spec) => {
    spec.network.egressTo[0].cidr = "169.254.169.254/32";
  }),
  "egress to pods": finance("network.egressTo[0].cidr", (spec) => (spec.network.egressTo[0].cidr = "10.244.1.0/24")),
  "everybody as viewers": hr("access.viewers[0]", (spec) => (spec.access = { viewers: ["*"] })),
  "workloads of a namespace as viewers": hr("access.viewers[0]", (spec) => {
    spec.access = { viewers: ["system:serviceaccounts:x"] };
  }),
  "workloads as operators, in the words of another authenticator": hr("access.operators[0]", (spec) => {
    spec.access = { operators: ["k8s:serviceaccounts"] };
  }),
  "a client's budget of a day that is more than that of the month": hr("access.clients[0].tokensPerDay", (spec) => {
    spec.access = { clients: [{ name: "portal", tokensPerDay: 3, tokensPerMonth: 2 }] };
  }),
  "a tenant's budget of a day that is more than that of the month": hr("access.budget.modelSecondsPerDay", (spec) => {
    spec.access = { budget: { modelSecondsPerDay: 3, modelSecondsPerMonth: 2 } };
  }),
  "a client with a model that its tenant has not": hr("access.clients[0].models[0]", (spec) => {
    spec.access = { clients: [{ name: "portal", models: ["mistral:7b"] }] };
  }),
  "a target of GPU servers for servers without": hr("autoscaling.targetRequestsInFlight", (spec) => {
    spec.autoscaling = { targetRequestsInFlight: 2 };
  }),
  "a target of CPU servers for servers with GPUs": finance("autoscaling.targetCpuPercent", (spec) => {
    spec.autoscaling.targetCpuPercent = 70;
  }),
  "more replicas at least than at most": hr("autoscaling.minReplicas", (spec) => (spec.autoscaling.minReplicas = 4)),
  "storage without a unit": hr("quota.storage", (spec) => (spec.quota = { storage: "64" })),
  "CPU in a unit of memory": hr("server.cpu", (spec) => (spec.server.cpu = "4Gi")),
  "a quota below one replica": finance("quota.cpu", (spec) => (spec.quota.cpu = "2")),
  "a pool of another tenant": hr("server.nodePool", (spec) => (spec.server.nodePool = "finance-gpu")),
  "GPUs on nodes that have none": hr("server.gpus", (spec) => {
    spec.server = { nodePool: "plain", gpus: 1 };
    delete spec.autoscaling;
  }),
  "nodes of its own on a shared pool": hr("isolationLevel", (spec) => {
    spec.isolationLevel = "dedicated-nodes";
    spec.server.nodePool = "plain";
  }),
  "a Secret of the platform as a certificate": finance("server.tls.secretName", (spec) => {
    spec.server.tls = { secretName: "gateway-policy" };
  }),
  "more memory than a MIG slice has": environment("nodePools[1].gpu.memoryGiB", ({ nodePools }) => {
    nodePools[1].gpu.memoryGiB = 24;
  }),
  "GPUs that are shared in time on a shared pool": environment("nodePools[1].gpu.resource", ({ nodePools }) => {
    nodePools[1].gpu.resource = "nvidia.com/gpu.shared";
  }),
  "CPU of a pool in a unit of memory": environment("nodePools[2].limits.cpu", ({ nodePools }) => {
    nodePools[2].limits.cpu = "64Gi";
  }),
  "an image by its digest only": environment("images.ollama", ({ images }) => {
    images.ollama = `docker.io/ollama/ollama${digest}`;
  }),
  "an image of a registry in upper case": environment("images.ollama", ({ images }) => {
    images.ollama = "REG.example.com/Ollama/ollama:1";
  }),
};
