import { clientSecretName, TENANT_OBJECT } from "../../spec/names";
import { STORE_OBJECT } from "../store/names";
import { any, celList, celMap } from "./cel";
import type { Concern, Named, ResourceRule, Validation } from "./concern";
import { type GuardFacts, workspaces } from "./facts";
import { IN_GUARDED_NAMESPACE, NEW, notByDeployersOrSystem, OLD } from "./scope";

/** Names of the platform's objects by resource; a name that ends in `-` is a beginning. */
const OWN: Record<string, string[]> = {
  networkpolicies: [
    TENANT_OBJECT.defaultDeny,
    TENANT_OBJECT.allowDns,
    TENANT_OBJECT.allowSameTenant,
    TENANT_OBJECT.allowToServer,
    TENANT_OBJECT.allowClients,
    TENANT_OBJECT.allowMonitoring,
    TENANT_OBJECT.allowEgress,
    TENANT_OBJECT.allowWorkspace,
    TENANT_OBJECT.allowSharedLimits,
    STORE_OBJECT.allowRegistries,
  ],
  resourcequotas: [TENANT_OBJECT.quota, TENANT_OBJECT.priorityQuota, TENANT_OBJECT.affinityQuota],
  limitranges: [TENANT_OBJECT.limits],
  roles: [TENANT_OBJECT.viewer, TENANT_OBJECT.operator, TENANT_OBJECT.developer],
  rolebindings: [TENANT_OBJECT.viewer, TENANT_OBJECT.operator, TENANT_OBJECT.developer],
  serviceaccounts: [TENANT_OBJECT.server, STORE_OBJECT.loader],
  deployments: [TENANT_OBJECT.server],
  services: [TENANT_OBJECT.server],
  horizontalpodautoscalers: [TENANT_OBJECT.server],
  poddisruptionbudgets: [TENANT_OBJECT.server],
  secrets: [TENANT_OBJECT.gatewayPolicy, TENANT_OBJECT.gatewayTokens, clientSecretName("")],
  configmaps: [
    TENANT_OBJECT.modelAccess,
    TENANT_OBJECT.modelFiles,
    `${TENANT_OBJECT.gatewayConfig}-`,
    `${STORE_OBJECT.loader}-`,
  ],
  persistentvolumeclaims: [STORE_OBJECT.claim],
  jobs: [`${STORE_OBJECT.loader}-`],
  ingresses: [TENANT_OBJECT.server],
  httproutes: [TENANT_OBJECT.server],
};

const GROUPS: Record<string, string> = {
  networkpolicies: "networking.k8s.io",
  ingresses: "networking.k8s.io",
  httproutes: "gateway.networking.k8s.io",
  roles: "rbac.authorization.k8s.io",
  rolebindings: "rbac.authorization.k8s.io",
  deployments: "apps",
  jobs: "batch",
  horizontalpodautoscalers: "autoscaling",
  poddisruptionbudgets: "policy",
};

/** Quotas are enforced by what their status says. */
const STATUS = ["resourcequotas/status"];

function resources(): ResourceRule[] {
  const byGroup = new Map<string, string[]>();
  for (const resource of Object.keys(OWN)) {
    const group = GROUPS[resource] ?? "";
    byGroup.set(group, [...(byGroup.get(group) ?? []), resource]);
  }
  const rules = [...byGroup].map(([group, list]): ResourceRule => ({
    group,
    resources: list,
    operations: ["CREATE", "UPDATE", "DELETE"],
  }));
  return [...rules, { group: "", resources: STATUS, operations: ["UPDATE"] }];
}

const NAMES = celMap(Object.entries(OWN).map(([resource, names]) => [resource, celList(names)]));
const NAME = '(request.operation == "DELETE" ? dyn(oldObject) : dyn(object)).metadata.name';
/** Whether the object has a name of the platform's. */
const HAS_OWN_NAME = `${NAMES}[request.resource.resource].exists(n, n == ${NAME} || (n.endsWith("-") && ${NAME}.startsWith(n)))`;

/** Requests about what may be the platform's; most objects of a workspace are not, and cost one look at their names. */
const MAYBE_OWN: Named = {
  name: "maybe-the-platforms",
  expression: any(HAS_OWN_NAME, "has(request.subResource)", 'request.resource.resource == "serviceaccounts"'),
};

/** Parts of an object that say what it does; metadata that only describes may change. */
const CONTENT = [
  "spec",
  "data",
  "binaryData",
  "stringData",
  "rules",
  "subjects",
  "roleRef",
  "type",
  "immutable",
  "automountServiceAccountToken",
  "secrets",
  "imagePullSecrets",
];
/** Metadata by which Kubernetes removes an object. */
const LIFE = ["ownerReferences", "finalizers"];

/** What nobody but the deployers does to an object of the platform. */
const OWN_OBJECTS: Validation[] = [
  {
    expression: any("!variables.own", 'request.operation != "DELETE"'),
    message:
      "this object is the platform's: only its deployers remove it. Change the stack's config or the tenant's file, and deploy.",
  },
  {
    expression: any("!variables.own", 'request.operation != "CREATE"'),
    message: "objects of this name are the platform's: choose another name.",
  },
  {
    expression: any(
      "!variables.own",
      'request.operation != "UPDATE"',
      "variables.lowered",
      "variables.sameServer",
      `${celList(CONTENT)}.all(k, variables.after[?k] == variables.before[?k])`,
    ),
    message:
      "this object is the platform's: only its deployers change it. Change the stack's config or the tenant's file, and deploy.",
  },
  {
    expression: any(
      "!variables.own",
      'request.operation != "UPDATE"',
      `${celList(LIFE)}.all(k, variables.after.metadata[?k] == variables.before.metadata[?k])`,
    ),
    message: "metadata: owners and finalizers decide when Kubernetes removes the object.",
  },
  {
    expression: 'variables.part != "status" || variables.after.?status == variables.before.?status',
    message: "status: a quota is enforced by what its status says, which is Kubernetes' to write.",
  },
];

/**
 * What the deployers have made is theirs: it is neither removed nor emptied nor replaced by others. Annotations and
 * labels may change; the labels of pods, by which policies choose them, are in the Deployment's template.
 */
export function platformObjects(facts: GuardFacts): Concern {
  return {
    name: "platform-objects",
    title: "The platform's own objects are changed and removed by its deployers only.",
    rules: [
      "network/default-deny",
      "network/dns-allowed",
      "capacity/quota",
      "capacity/limit-range",
      "capacity/priority-scope",
      "capacity/affinity-scope",
      "capacity/disruption-budget",
      "rbac/roles-declared",
      "models/access-list",
      "models/gateway-files",
      "models/gateway-present",
      "models/server-environment",
    ],
    resources: resources(),
    conditions: [IN_GUARDED_NAMESPACE, notByDeployersOrSystem(facts.deployers), MAYBE_OWN],
    variables: [
      NEW,
      OLD,
      { name: "part", expression: 'has(request.subResource) ? request.subResource : ""' },
      { name: "resource", expression: "request.resource.resource" },
      { name: "workspaces", expression: workspaces(facts) },
      {
        name: "own",
        // Every account of a workspace is a client of the gateway.
        expression: any(
          HAS_OWN_NAME,
          'variables.resource == "serviceaccounts" && request.namespace in variables.workspaces',
        ),
      },
      {
        // Lower is allowed: who operates the cluster may take from a tenant what is short.
        name: "lowered",
        expression:
          'variables.resource == "resourcequotas" && variables.part == "" && variables.after.spec.?scopeSelector == variables.before.spec.?scopeSelector && variables.after.spec.?scopes == variables.before.spec.?scopes && variables.before.spec.?hard.orValue({}).all(k, k in variables.after.spec.?hard.orValue({}) && quantity(string(variables.after.spec.hard[k])).compareTo(quantity(string(variables.before.spec.hard[k]))) <= 0)',
      },
      {
        // The number of replicas has bounds of its own; a restart is an annotation of the template.
        name: "sameServer",
        expression:
          'variables.resource == "deployments" && variables.after.spec.template.spec == variables.before.spec.template.spec && variables.after.spec.template.metadata.?labels == variables.before.spec.template.metadata.?labels && variables.after.spec.all(k, k in ["replicas", "template", "paused"] || variables.after.spec[k] == variables.before.spec[?k].orValue(null)) && !variables.after.spec.?paused.orValue(false)',
      },
    ],
    validations: OWN_OBJECTS,
  };
}
