/** JSON Schema of the pack's configuration, one object for each section of `PackConfiguration`. */
import { areasOf, FRAMEWORKS } from "./selection";

const text = { type: "string", minLength: 1 };
const texts = (description: string) => ({ type: "array", items: text, uniqueItems: true, description });
const labels = { type: "object", additionalProperties: { type: "string" }, minProperties: 1 };

const section = (description: string, properties: Record<string, unknown>) => ({
  type: "object",
  description,
  additionalProperties: false,
  properties,
});

const peerProperties = {
  namespace: { ...text, description: "Namespace of the pods." },
  podLabels: {
    ...labels,
    minProperties: 0,
    description: "Labels that the pods carry. None: every pod of the namespace.",
  },
  hostNetwork: {
    type: "boolean",
    description: "Whether they run in their node's network, so that policies admit node addresses. Default: false.",
  },
};
const port = { type: "integer", minimum: 1, maximum: 65535 };

const peers = (description: string) => ({
  type: "array",
  description,
  items: {
    type: "object",
    additionalProperties: false,
    required: ["namespace", "podLabels"],
    properties: {
      ...peerProperties,
      ports: {
        type: "array",
        items: port,
        uniqueItems: true,
        description: "Ports on which they may call, or be called. Default: any.",
      },
    },
  },
});

const sections = {
  tenants: section("How a tenant's namespace is recognised; either mark is enough.", {
    namespaceLabel: {
      type: "string",
      description: "Label whose value names the tenant. Empty: labels are not looked at.",
    },
    namespacePattern: {
      type: "string",
      description:
        "Regular expression on the namespace's name; its first group is the tenant. Empty: names are not looked at.",
    },
    workspacePattern: {
      type: "string",
      description:
        "Regular expression on the name of a workspace, a tenant's namespace for its own programs; its first group is the tenant, whom the label has to name too. Empty: there are none.",
    },
  }),
  platformNamespaces: texts("Namespaces of the platform and of Kubernetes itself."),
  fencedNamespaces: texts("Namespaces of the platform's own workloads, each judged as a tenant of its own."),
  cluster: section("Facts of the cluster's network.", {
    podCidrs: texts("Pod network ranges in CIDR notation."),
    serviceCidrs: texts("Service network ranges in CIDR notation."),
    nodeCidrs: texts("Node network ranges in CIDR notation."),
    metadataCidrs: texts(
      "Addresses that no tenant may reach, such as those that hand out credentials, in CIDR notation.",
    ),
    dns: {
      ...section("Who answers DNS, as the stack's `cluster.dns` says it.", {
        ...peerProperties,
        port: { ...port, description: "Port that the pods listen on. Default: 53." },
        nodeLocalAddresses: texts(
          "Addresses of a DNS cache on every node, which tenants' pods may ask on port 53. Default: none.",
        ),
      }),
      required: ["namespace", "podLabels"],
    },
    ingressPeers: peers("Pods outside tenants' namespaces that may connect to tenants' pods."),
    egressPeers: peers("Pods outside tenants' namespaces that tenants' pods may call, besides DNS."),
    externalCidrs: texts("Address ranges outside the cluster that tenants' pods may call. Empty: any."),
  }),
  ingress: section("How tenants' hosts are served outside the cluster.", {
    domains: texts("Domains that every host of a tenant is below. Empty: any host."),
    listeners: {
      type: "array",
      description: "Listeners that tenants' routes may be attached to. Empty: any outside tenants' namespaces.",
      items: {
        type: "object",
        additionalProperties: false,
        required: ["namespace", "gateway", "sectionName"],
        properties: {
          namespace: { ...text, description: "Namespace of the Gateway." },
          gateway: { ...text, description: "Name of the Gateway." },
          sectionName: { ...text, description: "Name of the listener." },
        },
      },
    },
    ingressClasses: texts("IngressClasses that tenants' Ingresses may name. Empty: any."),
  }),
  pools: section("How nodes are marked as a pool's, and whose pools are.", {
    keys: { ...texts("Node label keys that name a pool; the taint has the same key and value."), minItems: 1 },
    tenantLabel: { ...text, description: "Label on a pool object whose value is the owning tenant." },
    dedicated: {
      type: "object",
      additionalProperties: text,
      description: "Pools that belong to one tenant: pool name to tenant name.",
    },
    shared: texts("Names of pools that several tenants share."),
    gpuResources: texts("Extended resources that stand for accelerators, exact or with one trailing `*`."),
    deviceClasses: texts(
      "Device classes by which tenants' GPUs are given out: servers may have claims on them, within their quotas. Empty: claims are closed.",
    ),
    neutralTaintKeys: texts("Taint keys that any pod may tolerate."),
    agents: texts("DaemonSets that every node of a pool needs, as `namespace/name`, optionally with a `*` at the end."),
  }),
  images: section("Where images may come from and how exactly they are named.", {
    registries: texts("Registries, optionally with a repository prefix. Empty: any."),
    requireDigest: { type: "boolean", description: "Whether an image must be pinned by digest." },
    common: texts(
      "Registries or repositories whose images every tenant may run, so that a node's copy gives nothing away.",
    ),
  }),
  storage: section("What pods may mount without a claim.", {
    inlineDrivers: texts(
      "CSI drivers that pods may name themselves, because they only make files on the pod's own node.",
    ),
  }),
  rbac: section("Who may hold rights in several tenants' namespaces, or in the cloud.", {
    sharedGroups: texts("Groups, and single users, that operate the platform."),
    cloudIdentities: texts(
      "Identities of the cloud that tenants' service accounts may take on, as annotations name them.",
    ),
    observers: texts(
      "Service accounts of the platform, as `namespace/name`, that may list and watch everything but Secrets, and do nothing else.",
    ),
  }),
  capacity: section("What a tenant's quota must limit.", {
    requiredQuota: texts("Quota keys that must be limited, to whatever value."),
    zeroQuota: texts("Quota keys that must be limited to zero."),
    ceilings: {
      type: "object",
      additionalProperties: text,
      description: "Most that a tenant's namespace may be given, by quota key, as quantities.",
    },
    scaleToZero: { type: "boolean", description: "Whether the API server's feature HPAScaleToZero is on." },
  }),
  models: section("How Ollama servers are recognised, and what guards them.", {
    serverImages: texts("Image repositories of the server, without registry."),
    serverPort: { type: "integer", minimum: 1, maximum: 65535, description: "Port that the server listens on." },
    accessConfigMap: {
      type: "string",
      description: "ConfigMap that lists a tenant's models. Empty: none is asked for.",
    },
    serverEnvironment: {
      type: "object",
      additionalProperties: { type: "array", items: { type: "string" }, minItems: 1 },
      description: "Environment variables that every server must set, each with the values that are accepted.",
    },
  }),
  admission: section("Admission policies that must hold in tenants' namespaces.", {
    requiredPolicies: texts("Names of ValidatingAdmissionPolicies that must be bound with action Deny."),
    requireGuard: {
      type: "boolean",
      description: "Whether all policies of the platform's own admission guard are required.",
    },
    deployers: texts("Users that deploy the platform, whom the policies may spare."),
    reviewedPolicies: {
      type: "object",
      additionalProperties: { type: "string", pattern: "^[0-9a-f]{64}$" },
      description:
        "Digests of policies that are not the platform's own, or differ from it, and whose expressions were reviewed; by name.",
    },
    knownMutations: texts(
      "Names of MutatingAdmissionPolicies and MutatingWebhookConfigurations whose changes are understood and accepted.",
    ),
  }),
  isolationLevels: section("Isolation levels of tenants, read from a label on their namespaces.", {
    label: { type: "string", description: "Label that names the level. Empty: levels are not looked at." },
    dedicatedNodes: texts("Levels whose pods run on a pool of their own."),
    sandboxed: texts("Levels whose pods run in a sandbox."),
    sandboxRuntimeClasses: texts("RuntimeClasses that are sandboxes."),
  }),
  knownCustomResources: texts("Custom resources accepted in tenants' namespaces, as `Kind.group`."),
};

/** Schema of the settings of the policy `tenant-isolation`. `ruleIds` are the names that rules may be called by. */
export function settingsSchema(ruleIds: readonly string[]): Record<string, unknown> {
  const ruleId = { enum: ruleIds };
  const reason = { type: "string", minLength: 10, description: "Why; shown in every report." };
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      ...sections,
      rules: {
        type: "object",
        description: "Rules that do not block.",
        propertyNames: ruleId,
        additionalProperties: {
          type: "object",
          additionalProperties: false,
          required: ["level", "reason"],
          properties: {
            level: {
              enum: ["advisory", "disabled"],
              description: "`advisory`: reported only. `disabled`: not looked at.",
            },
            reason,
          },
        },
      },
      selection: section("Which rules are looked at, and those of the area objects always. Default: all.", {
        areas: {
          ...texts("Areas, the first part of rule IDs. Default: all."),
          items: { enum: areasOf(ruleIds) },
          minItems: 1,
        },
        frameworks: {
          ...texts("Frameworks, one of which has to ask for the rule. Default: all."),
          items: { enum: Object.keys(FRAMEWORKS) },
          minItems: 1,
        },
      }),
      exemptions: {
        type: "array",
        description: "Violations that are accepted for a time.",
        items: {
          type: "object",
          additionalProperties: false,
          required: ["rule", "object", "reason", "expires"],
          properties: {
            rule: { ...ruleId, description: "ID of the rule." },
            object: { ...text, description: "Object as reports name it: `Kind namespace/name`." },
            field: { ...text, description: "Only violations of this field. Default: every field." },
            reason,
            expires: {
              type: "string",
              format: "date",
              description: "Last day on which the exemption holds, YYYY-MM-DD.",
            },
          },
        },
      },
    },
  };
}

/** A setting as it is announced: what it is for, and its parts. */
export interface AnnouncedSetting {
  description?: string;
  properties?: Record<string, AnnouncedSetting>;
  items?: AnnouncedSetting;
}

/**
 * The settings as the pack announces them to an organisation's policy manager: names and descriptions, nothing that could be
 * broken. The engine would refuse a breach by itself, in its own words and without what else is wrong; so the pack alone
 * checks values, and lists every fault with place, value and fix.
 */
export function announcedSettings(ruleIds: readonly string[]): Record<string, AnnouncedSetting> {
  return announced(settingsSchema(ruleIds)).properties ?? {};
}

function announced(schema: Record<string, unknown>): AnnouncedSetting {
  const { description, properties, items } = schema as AnnouncedSetting;
  return {
    ...(description ? { description } : {}),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, part]) => [name, announced({ ...part })]),
          ),
        }),
    ...(items === undefined ? {} : { items: announced({ ...items }) }),
  };
}

/** Schema of a `--policy-pack-config` file. */
export function fileSchema(ruleIds: readonly string[]): Record<string, unknown> {
  const settings = settingsSchema(ruleIds) as { properties: Record<string, unknown> };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of the policy pack ollama-isolation",
    type: "object",
    additionalProperties: false,
    required: ["tenant-isolation"],
    properties: {
      "tenant-isolation": {
        ...settings,
        properties: {
          enforcementLevel: {
            enum: ["mandatory", "advisory"],
            description: "Whether violations block. Default: mandatory.",
          },
          ...settings.properties,
        },
      },
    },
  };
}
