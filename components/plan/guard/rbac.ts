import { TENANT_OBJECT } from "../../spec/names";
import { all, any, celList } from "./cel";
import type { Concern, Validation } from "./concern";
import { byNamespace, byWorkspace, type GuardFacts, type NamespaceFacts } from "./facts";
import { IN_GUARDED_NAMESPACE, isGuarded, NEW, notByDeployers, OLD, RESERVED_PREFIX } from "./scope";
import { byUser } from "./users";

const GROUP = "rbac.authorization.k8s.io";
/** What a Role that is added by hand may name: reading of what explains the server. */
const READ = ["get", "list", "watch"];
const READABLE = [
  "pods",
  "pods/log",
  "pods/status",
  "services",
  "endpoints",
  "endpointslices",
  "events",
  "serviceaccounts",
  "persistentvolumeclaims",
  "resourcequotas",
  "limitranges",
  "deployments",
  "replicasets",
  "jobs",
  "horizontalpodautoscalers",
  "poddisruptionbudgets",
  "networkpolicies",
  "ingresses",
];
/** Roles of Kubernetes itself that everybody has. */
const EVERYBODYS = [
  "system:basic-user",
  "system:discovery",
  "system:public-info-viewer",
  "system:service-account-issuer-discovery",
];
/** Groups that have every tenant's accounts or people in them. */
const BROAD = ["system:serviceaccounts", "system:authenticated", "system:unauthenticated"];

/** What a Role or a RoleBinding that is added by hand may hold. */
const ROLES: Validation[] = [
  {
    expression: any(
      "variables.same",
      "!variables.isBinding",
      'variables.subjects.all(s, s.kind == "Group" && (s.name in variables.viewers || s.name in variables.developers))',
    ),
    message: "subjects: only the tenant's own groups, as access of the tenant's file names them, may be bound here.",
  },
  {
    expression: any(
      "variables.same",
      "!variables.isBinding",
      all(
        'variables.after.roleRef.kind == "Role"',
        any(
          `variables.after.roleRef.name == "${TENANT_OBJECT.viewer}"`,
          `variables.after.roleRef.name == "${TENANT_OBJECT.operator}" && variables.subjects.all(s, s.name in variables.operators)`,
          `variables.after.roleRef.name == "${TENANT_OBJECT.developer}" && variables.subjects.all(s, s.name in variables.developers)`,
        ),
      ),
    ),
    message:
      "roleRef: only the platform's roles viewer, for operators operator and, in a workspace, developer may be bound here.",
  },
  {
    expression: any(
      "variables.same",
      "variables.isBinding",
      `variables.after.?rules.orValue([]).all(r, r.?verbs.orValue([]).all(v, v in ${celList(READ)}) && r.?resources.orValue(["*"]).all(x, x in ${celList(READABLE)}))`,
    ),
    message: "rules: a Role that is added by hand may only read what explains the server, and no Secret.",
  },
];

/** Rights in tenants' namespaces. */
export function roles(facts: GuardFacts): Concern {
  return {
    name: "roles",
    title: "Roles of tenants' namespaces are bound to the tenant's own groups, and nobody adds rights by hand.",
    rules: [
      "rbac/no-cross-tenant-subject",
      "rbac/group-per-tenant",
      "rbac/no-built-in-roles",
      "rbac/no-escalation",
      "rbac/no-fence-editing",
      "rbac/no-secret-access",
      "rbac/no-wildcards",
      "rbac/no-workload-writing",
      "rbac/no-pod-interior",
    ],
    resources: [{ group: GROUP, resources: ["roles", "rolebindings"], operations: ["CREATE", "UPDATE"] }],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers)],
    variables: [
      NEW,
      OLD,
      {
        name: "same",
        expression:
          'request.operation == "UPDATE" && ["rules", "subjects", "roleRef"].all(k, variables.after[?k] == variables.before[?k])',
      },
      { name: "isBinding", expression: 'request.resource.resource == "rolebindings"' },
      { name: "viewers", expression: byNamespace(facts, ({ viewers }) => viewers) },
      { name: "operators", expression: byNamespace(facts, ({ operators }) => operators) },
      { name: "developers", expression: byWorkspace(facts, (one) => one.developers) },
      { name: "subjects", expression: "variables.after.?subjects.orValue([])" },
    ],
    validations: ROLES,
  };
}

/** Rights in the whole cluster. */
export function clusterRoleBindings(facts: GuardFacts): Concern {
  const groupsOf = ({ viewers, operators, workspace }: NamespaceFacts) => [
    ...viewers,
    ...operators,
    ...(workspace?.developers ?? []),
  ];
  const groups = [...new Set(facts.namespaces.flatMap(groupsOf))].sort();
  return {
    name: "cluster-role-bindings",
    title: "No binding in the whole cluster reaches tenants' people or accounts.",
    rules: ["rbac/no-cluster-binding", "rbac/no-broad-groups"],
    resources: [{ group: GROUP, resources: ["clusterrolebindings"], operations: ["CREATE", "UPDATE"] }],
    conditions: [notByDeployers([...facts.deployers, "system:apiserver"])],
    variables: [
      NEW,
      OLD,
      {
        name: "same",
        expression:
          'request.operation == "UPDATE" && variables.after.?subjects == variables.before.?subjects && variables.after.roleRef == variables.before.roleRef',
      },
      { name: "groups", expression: celList(groups) },
      { name: "subjects", expression: "variables.after.?subjects.orValue([])" },
    ],
    validations: [
      {
        expression: `variables.same || variables.subjects.all(s, s.kind != "ServiceAccount" || !(${isGuarded('s.?namespace.orValue("")')}))`,
        message: "subjects: ServiceAccounts of tenants' namespaces have no rights.",
      },
      {
        expression: `variables.same || variables.subjects.all(s, s.kind != "Group" || !(s.name in variables.groups || s.name.startsWith("system:serviceaccounts:${RESERVED_PREFIX}") || s.name.startsWith("system:serviceaccounts:ollama-platform-system")))`,
        message: "subjects: a tenant's group would reach every namespace of the cluster.",
      },
      {
        expression: `variables.same || variables.subjects.all(s, s.kind != "User" || !s.name.startsWith("system:serviceaccount:${RESERVED_PREFIX}"))`,
        message: "subjects: ServiceAccounts of tenants' namespaces have no rights, by their user names neither.",
      },
      {
        expression: `variables.same || variables.after.roleRef.name in ${celList(EVERYBODYS)} || variables.subjects.all(s, s.kind != "Group" || !(s.name in ${celList(BROAD)}))`,
        message: "subjects: this group has every tenant's people or accounts in it.",
      },
    ],
  };
}

/** Rights that others get by aggregation or by the roles that everybody has. */
export function clusterRoles(facts: GuardFacts): Concern {
  return {
    name: "cluster-roles",
    title: "The roles that everybody has keep the rights that Kubernetes gives them.",
    rules: ["rbac/no-broad-groups", "rbac/no-aggregation"],
    resources: [{ group: GROUP, resources: ["clusterroles"], operations: ["CREATE", "UPDATE"] }],
    conditions: [{ name: "not-by-kubernetes", expression: `!(${byUser([...facts.deployers, "system:apiserver"])})` }],
    variables: [NEW, OLD],
    validations: [
      {
        expression: any(
          `!(variables.after.metadata.name in ${celList(EVERYBODYS)})`,
          'request.operation == "UPDATE" && variables.after.?rules == variables.before.?rules',
        ),
        message: "rules: everybody in the cluster has this role, every tenant's people and accounts included.",
      },
    ],
  };
}
