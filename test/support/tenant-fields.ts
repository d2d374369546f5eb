/** One change for every field of a tenant's file, on an environment that uses them all. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import tenantSchema from "../../components/config/tenant.schema.json";
import { repositoryRoot } from "../../tools/local/paths";
import { editYaml, tenantFile, type YamlDocument } from "./project";

/** A change of one field. */
export interface FieldChange {
  /** Tenant whose file is changed. */
  tenant: "finance" | "hr";
  /** Changes the file's `spec`. */
  edit(spec: YamlDocument): void;
  /** Whether other changes of the tenant would hide what this one does. Default: false. */
  alone?: boolean;
  /** Secrets that change; no plan has their content. Default: none. */
  secrets?: string[];
  /** Why an object outside the tenant changes too. Default: none does. */
  beyond?: string;
}

type Rest = Omit<FieldChange, "tenant" | "edit">;
const finance = (edit: FieldChange["edit"], rest: Rest = {}): FieldChange => ({ tenant: "finance", edit, ...rest });
const hr = (edit: FieldChange["edit"], rest: Rest = {}): FieldChange => ({ tenant: "hr", edit, ...rest });

const STORE = "the loader of the shared store is told which tenant sees which model";

/** The gateway is told what a client may by a Secret, since it has the hashes of the keys. */
const POLICY = { secrets: ["gateway-policy"] };

/** Changes by the field's way in `spec`; `[]` is any item of a list. */
export const fieldChanges: Record<string, FieldChange> = {
  displayName: hr((spec) => (spec.displayName = "People")),
  namespaceLabels: hr((spec) => (spec.namespaceLabels = { "example.com/cost-centre": "4711" })),
  namespaceAnnotations: hr((spec) => (spec.namespaceAnnotations = { "example.com/contact": "hr-it@example.com" })),
  isolationLevel: finance((spec) => (spec.isolationLevel = "sandboxed"), { alone: true }),
  suspended: hr((spec) => (spec.suspended = true), { alone: true }),
  "models.allow[]": hr((spec) => (spec.models.allow = ["qwen2.5:0.5b"]), { beyond: STORE }),
  "models.deny[]": hr((spec) => spec.models.deny.push("smollm2:135m"), { beyond: STORE }),
  "server.nodePool": finance((spec) => (spec.server.nodePool = "finance-spare")),
  "server.gpus": finance((spec) => (spec.server.gpus = 2)),
  "server.cpu": hr((spec) => (spec.server.cpu = "700m")),
  "server.memory": hr((spec) => (spec.server.memory = "5Gi")),
  "server.ephemeralStorage": hr((spec) => (spec.server.ephemeralStorage = "3Gi")),
  "server.contextLength": hr((spec) => (spec.server.contextLength = 2048)),
  "server.parallelRequests": hr((spec) => (spec.server.parallelRequests = 2)),
  "server.keepAlive": hr((spec) => (spec.server.keepAlive = "10m")),
  "server.loadedModels": hr((spec) => (spec.server.loadedModels = 2), { alone: true }),
  "server.kvCacheType": hr((spec) => (spec.server.kvCacheType = "q8_0")),
  "server.preload": hr((spec) => (spec.server.preload = true)),
  "server.limits.maxBodyBytes": hr(
    (spec) => (spec.server.limits = { ...spec.server.limits, maxBodyBytes: 1048576 }),
    POLICY,
  ),
  "server.limits.maxTokens": hr((spec) => (spec.server.limits = { ...spec.server.limits, maxTokens: 8192 }), POLICY),
  "server.limits.maxMessages": hr((spec) => (spec.server.limits = { ...spec.server.limits, maxMessages: 100 }), POLICY),
  "server.limits.maxInputs": hr((spec) => (spec.server.limits = { ...spec.server.limits, maxInputs: 16 }), POLICY),
  "server.limits.maxImages": hr((spec) => (spec.server.limits = { ...spec.server.limits, maxImages: 2 }), POLICY),
  "server.limits.maxTools": hr((spec) => (spec.server.limits = { ...spec.server.limits, maxTools: 8 }), POLICY),
  "server.limits.maxSilenceSeconds": hr(
    (spec) => (spec.server.limits = { ...spec.server.limits, maxSilenceSeconds: 600 }),
    POLICY,
  ),
  "server.limits.maxAnswerSeconds": hr(
    (spec) => (spec.server.limits = { ...spec.server.limits, maxAnswerSeconds: 1800 }),
    POLICY,
  ),
  "server.limits.unreadablePolicySeconds": hr(
    (spec) => (spec.server.limits = { ...spec.server.limits, unreadablePolicySeconds: 60 }),
    POLICY,
  ),
  "server.tls.secretName": finance((spec) => (spec.server.tls = { secretName: "ollama-tls" })),
  "autoscaling.minReplicas": hr((spec) => (spec.autoscaling.minReplicas = 2)),
  "autoscaling.maxReplicas": hr((spec) => (spec.autoscaling.maxReplicas = 2)),
  "autoscaling.targetCpuPercent": hr((spec) => (spec.autoscaling.targetCpuPercent = 60)),
  "autoscaling.targetRequestsInFlight": finance((spec) => (spec.autoscaling.targetRequestsInFlight = 3)),
  "quota.cpu": finance((spec) => (spec.quota.cpu = "15")),
  "quota.memory": finance((spec) => (spec.quota.memory = "53Gi")),
  "quota.ephemeralStorage": finance((spec) => (spec.quota.ephemeralStorage = "21Gi")),
  "quota.gpus": finance((spec) => (spec.quota.gpus = 5)),
  "quota.storage": finance((spec) => (spec.quota.storage = "90Gi")),
  "quota.pods": finance((spec) => (spec.quota.pods = 7)),
  "access.viewers[]": hr((spec) => (spec.access.viewers = ["hr-assistants"])),
  "access.operators[]": hr((spec) => (spec.access.operators = ["hr-administrators"])),
  "access.clients[].name": hr((spec) => (spec.access.clients[0].name = "intranet"), {
    secrets: ["client-portal", "gateway-policy"],
  }),
  "access.clients[].serviceAccount.namespace": finance(
    (spec) => (spec.access.clients[2].serviceAccount.namespace = "ledger-apps"),
    POLICY,
  ),
  "access.clients[].serviceAccount.name": finance(
    (spec) => (spec.access.clients[2].serviceAccount.name = "nightly"),
    POLICY,
  ),
  "access.clients[].models[]": finance((spec) => (spec.access.clients[0].models = ["llama3.1:8b"]), POLICY),
  "access.clients[].requestsPerMinute": hr((spec) => (spec.access.clients[0].requestsPerMinute = 61), POLICY),
  "access.clients[].maxConcurrentRequests": finance(
    (spec) => (spec.access.clients[1].maxConcurrentRequests = 3),
    POLICY,
  ),
  "access.clients[].maxTokens": hr((spec) => (spec.access.clients[0].maxTokens = 1000), POLICY),
  "access.clients[].maxBodyBytes": hr((spec) => (spec.access.clients[0].maxBodyBytes = 1048576), POLICY),
  "access.clients[].maxMessages": hr((spec) => (spec.access.clients[0].maxMessages = 100), POLICY),
  "access.clients[].maxInputs": hr((spec) => (spec.access.clients[0].maxInputs = 16), POLICY),
  "access.clients[].maxImages": hr((spec) => (spec.access.clients[0].maxImages = 2), POLICY),
  "access.clients[].maxTools": hr((spec) => (spec.access.clients[0].maxTools = 8), POLICY),
  "access.clients[].origins[]": hr((spec) => (spec.access.clients[0].origins = ["https://chat.example.com"]), POLICY),
  "access.clients[].tokensPerDay": finance((spec) => (spec.access.clients[0].tokensPerDay = 1000000), POLICY),
  "access.clients[].tokensPerMonth": finance((spec) => (spec.access.clients[0].tokensPerMonth = 50000000), POLICY),
  "access.clients[].modelSecondsPerDay": finance((spec) => (spec.access.clients[0].modelSecondsPerDay = 3600), POLICY),
  "access.clients[].modelSecondsPerMonth": finance(
    (spec) => (spec.access.clients[0].modelSecondsPerMonth = 36000),
    POLICY,
  ),
  "access.budget.tokensPerDay": hr((spec) => (spec.access.budget.tokensPerDay = 4000000), POLICY),
  "access.budget.tokensPerMonth": hr((spec) => (spec.access.budget.tokensPerMonth = 60000000), POLICY),
  "access.budget.modelSecondsPerDay": hr((spec) => (spec.access.budget.modelSecondsPerDay = 7200), POLICY),
  "access.budget.modelSecondsPerMonth": hr((spec) => (spec.access.budget.modelSecondsPerMonth = 72000), POLICY),
  "access.clients[].expires": hr((spec) => (spec.access.clients[0].expires = "2099-12-31"), POLICY),
  "access.clients[].keyGeneration": hr((spec) => (spec.access.clients[0].keyGeneration = 3), {
    secrets: ["client-portal", "gateway-policy"],
  }),
  "access.clients[].acceptPreviousKey": hr((spec) => (spec.access.clients[0].acceptPreviousKey = false), POLICY),
  "network.ingressFrom[].namespace": finance((spec) => (spec.network.ingressFrom[0].namespace = "ledger-apps")),
  "network.ingressFrom[].podLabels": finance((spec) => (spec.network.ingressFrom[0].podLabels = { app: "ledger" })),
  "network.ingressFrom[].allPods": finance(
    (spec) => {
      spec.network.ingressFrom[0].allPods = true;
      delete spec.network.ingressFrom[0].podLabels;
    },
    { alone: true },
  ),
  "network.egressTo[].cidr": finance((spec) => (spec.network.egressTo[0].cidr = "203.0.113.32/28")),
  "network.egressTo[].ports[].port": finance((spec) => (spec.network.egressTo[0].ports[0].port = 8443)),
  "network.egressTo[].ports[].endPort": finance((spec) => (spec.network.egressTo[0].ports[0].endPort = 9443)),
  "network.egressTo[].ports[].protocol": finance((spec) => (spec.network.egressTo[0].ports[0].protocol = "UDP")),
  "secrets[].name": hr((spec) => (spec.secrets[0].name = "staff-directory"), { secrets: ["directory"] }),
  "secrets[].type": hr(
    (spec) => {
      // The type says which keys there are.
      spec.secrets[0].type = "kubernetes.io/tls";
      spec.secrets[0].data = { "tls.crt": "first", "tls.key": "second" };
    },
    { alone: true, secrets: ["directory"] },
  ),
  "secrets[].data": hr((spec) => (spec.secrets[0].data = { password: "second" }), { secrets: ["directory"] }),
  "ingress.hosts[]": hr((spec) => (spec.ingress.hosts = ["people.models.example.com"])),
  "workspace.developers[]": hr((spec) => (spec.workspace.developers = ["hr-programmers"])),
  "workspace.images[]": hr((spec) => (spec.workspace.images = ["registry.example.com/people"])),
  "workspace.serviceAccounts[]": hr((spec) => (spec.workspace.serviceAccounts = ["reports"]), POLICY),
  "workspace.quota.cpu": hr((spec) => (spec.workspace.quota.cpu = "1")),
  "workspace.quota.memory": hr((spec) => (spec.workspace.quota.memory = "1Gi")),
  "workspace.quota.ephemeralStorage": hr((spec) => (spec.workspace.quota.ephemeralStorage = "1Gi")),
  "workspace.quota.storage": hr((spec) => (spec.workspace.quota.storage = "1Gi")),
  "workspace.quota.pods": hr((spec) => (spec.workspace.quota.pods = 3)),
  "ingress.tlsSecret": hr((spec) => (spec.ingress.tlsSecret = "people-certificate")),
};

/** Names of the values that HR's secrets refer to. */
export const SECRET_VALUES = ["hr.first", "hr.second"];

/**
 * Makes the dev stack of a scratch project use every field, with room for each change. The values of `SECRET_VALUES`
 * are left to the caller.
 */
export function useEveryField(project: string): void {
  editYaml(project, "Pulumi.dev.yaml", ({ config }) => {
    const [pool] = config["ollama-platform:nodePools"];
    pool.limits = { cpu: "64", memory: "256Gi", gpus: 8 };
    pool.gpu.countPerNode = 2;
    config["ollama-platform:nodePools"] = [pool, { ...pool, name: "finance-spare" }];
    config["ollama-platform:cluster"] = {
      ...config["ollama-platform:cluster"],
      sandboxRuntimeClass: "gvisor",
      serviceAccountIssuer: issuerOfProd(),
      ingressControllers: [{ namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" } }],
    };
    config["ollama-platform:ingress"] = { domain: "models.example.com", ingressClass: "nginx" };
  });
  editYaml(project, tenantFile("finance"), ({ spec }) => {
    spec.quota.gpus = 4;
    spec.access.clients.push({ name: "batch", serviceAccount: { namespace: "finance-apps", name: "batch" } });
  });
  editYaml(project, tenantFile("hr"), ({ spec }) => {
    spec.access.clients[0].keyGeneration = 2;
    spec.access.budget = {};
    spec.server.memory = "3Gi";
    spec.secrets = [{ name: "directory", data: { password: "first" } }];
    spec.workspace = {
      developers: ["hr-developers"],
      images: ["registry.example.com/hr"],
      serviceAccounts: ["helpdesk"],
      quota: {},
    };
    spec.ingress = { hosts: ["hr.models.example.com"], tlsSecret: "hr-certificate" };
  });
}

/** The example of prod: any public keys will do, since nobody calls. */
function issuerOfProd(): YamlDocument {
  const prod = parse(readFileSync(path.join(repositoryRoot, "Pulumi.prod.yaml"), "utf8")) as YamlDocument;
  return prod.config["ollama-platform:cluster"].serviceAccountIssuer;
}

/** Fields whose changes fit into one update: one tenant's, in as few lots as possible. */
export function lotsOfFields(): [tenant: FieldChange["tenant"], fields: string[]][] {
  const all = Object.entries(fieldChanges);
  const together = (["hr", "finance"] as const).map((tenant): [typeof tenant, string[]] => [
    tenant,
    all.flatMap(([field, change]) => (change.tenant === tenant && !change.alone ? [field] : [])),
  ]);
  return [
    ...together,
    ...all.flatMap(([field, { tenant, alone }]): typeof together => (alone ? [[tenant, [field]]] : [])),
  ];
}

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
}

/** Every field of a tenant's `spec`, as the JSON Schema has them. */
export function fieldsOfSchema(schema: Schema = { $ref: "#/$defs/TenantSpec" }, way = ""): string[] {
  const definitions = tenantSchema.$defs as Record<string, Schema>;
  if (schema.$ref !== undefined) return fieldsOfSchema(definitions[schema.$ref.replace("#/$defs/", "")], way);
  if (schema.items !== undefined) return fieldsOfSchema(schema.items, `${way}[]`);
  if (schema.properties === undefined) return [way];
  return Object.entries(schema.properties).flatMap(([key, property]) =>
    fieldsOfSchema(property, way === "" ? key : `${way}.${key}`),
  );
}
