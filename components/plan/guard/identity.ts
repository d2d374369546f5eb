import { ISOLATION_LEVEL_LABEL, TENANT_LABEL } from "../labels";
import { all, any, celList, celText } from "./cel";
import type { Concern } from "./concern";
import { byNamespace, type GuardFacts, workspaces } from "./facts";
import { after, changed, POD_RULES, POD_VARIABLES } from "./pods";
import { IN_GUARDED_NAMESPACE, notByDeployers, NEW, OLD } from "./scope";
import { BY_KUBELET, BY_SYSTEM } from "./users";

/** Labels by which network policies and Services choose pods. */
const CHOSEN_BY = [TENANT_LABEL, ISOLATION_LEVEL_LABEL, "app.kubernetes.io/name", "app.kubernetes.io/component"];

/** On what is made there is one label to look at; others say nothing of whose it is. */
const LABELS_THAT_MATTER = `request.operation == "UPDATE" ? ${changed(".?metadata.?labels")} : ${celText(TENANT_LABEL)} in ${after(".?metadata.?labels.orValue({})")}`;

/** Pods say of whom they are, and go on saying it: through their status too. */
export function podLabels(facts: GuardFacts): Concern {
  return {
    name: "pod-labels",
    title: "Pods carry no other tenant's label, and keep the labels by which policies and Services choose them.",
    rules: ["network/selected-pods", "network/selectors"],
    resources: [...POD_RULES, { group: "", resources: ["pods/status"], operations: ["UPDATE"] }],
    // Labels that stay are let alone: the kubelet reports on pods of a tenant that is being removed.
    conditions: [
      IN_GUARDED_NAMESPACE,
      notByDeployers(facts.deployers),
      { name: "labels-that-matter", expression: LABELS_THAT_MATTER },
    ],
    variables: [
      ...POD_VARIABLES,
      { name: "tenants", expression: byNamespace(facts, ({ tenant = "" }) => [tenant]) },
      { name: "labels", expression: "variables.template.?metadata.?labels.orValue({})" },
      { name: "labelsBefore", expression: "variables.templateBefore.?metadata.?labels.orValue({})" },
    ],
    validations: [
      {
        expression: any(
          `!("${TENANT_LABEL}" in variables.labels)`,
          `variables.labels["${TENANT_LABEL}"] in variables.tenants`,
        ),
        message: `metadata.labels: ${TENANT_LABEL} names another tenant than the namespace's.`,
      },
      {
        expression: any(
          'request.operation != "UPDATE"',
          'request.resource.resource != "pods"',
          `${celList(CHOSEN_BY)}.all(k, variables.labels[?k] == variables.labelsBefore[?k])`,
        ),
        message: "metadata.labels: the labels by which policies and Services choose a pod are fixed for its life.",
      },
      {
        expression: '!has(request.subResource) || request.subResource != "status"',
        message: "metadata.labels may not be changed through a pod's status.",
      },
    ],
  };
}

/** Ways into pods of a workspace; what a proxy opens, a forwarded port opens too. */
const OWN_PODS = ["exec", "attach", "portforward", "ephemeralcontainers"];

/** Ways into a running pod, past its gateway, and identities taken out of it. */
export function podDoors(facts: GuardFacts): Concern {
  return {
    name: "pod-access",
    title: "Nobody gets into a pod of the platform, places it by hand, or takes a token of its accounts.",
    rules: ["rbac/no-pod-interior", "rbac/no-escalation", "secrets/no-token-secrets"],
    resources: [
      {
        group: "",
        resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"],
        operations: ["CONNECT"],
      },
      { group: "", resources: ["pods/ephemeralcontainers"], operations: ["UPDATE"] },
      { group: "", resources: ["pods/binding", "bindings", "serviceaccounts/token"], operations: ["CREATE"] },
    ],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers)],
    variables: [
      { name: "part", expression: 'has(request.subResource) ? request.subResource : ""' },
      { name: "workspaces", expression: workspaces(facts) },
    ],
    validations: [
      {
        expression: any(
          'request.operation == "CREATE"',
          // What runs in a workspace is the developers' own.
          `request.namespace in variables.workspaces && variables.part in ${celList(OWN_PODS)}`,
        ),
        message:
          "exec, attach, port-forward, proxy and ephemeral containers reach the server behind its gateway: use its Service with a key, and its log.",
      },
      {
        expression: any('request.operation != "CREATE"', 'variables.part == "token"', BY_SYSTEM),
        message: "only the scheduler places pods on nodes.",
      },
      {
        expression: any('request.operation != "CREATE"', 'variables.part != "token"', BY_KUBELET),
        message: "ServiceAccounts of tenants' namespaces have no rights, and nobody needs their tokens.",
      },
    ],
  };
}

/** The kubelet's own interface lets its callers run programs in every pod of the node. */
export function nodeDoors(facts: GuardFacts): Concern {
  return {
    name: "node-access",
    title: "Nobody gets into pods through the kubelet.",
    rules: ["rbac/no-pod-interior"],
    resources: [{ group: "", resources: ["nodes/proxy"], operations: ["CONNECT"] }],
    conditions: [notByDeployers(facts.deployers)],
    variables: [{ name: "path", expression: 'dyn(object).?path.orValue("")' }],
    validations: [
      {
        expression:
          '!variables.path.matches("(?i)^[/.]*(exec|run|attach|portforward|cri|containerlogs|logs|checkpoint|debug)(/|$)")',
        message: "this path of the kubelet reaches into every pod of the node, tenants' pods included.",
      },
    ],
  };
}

/** Credentials and identities that a namespace's accounts could be given. */
export function accounts(facts: GuardFacts): Concern {
  return {
    name: "accounts",
    title: "ServiceAccounts of tenants' namespaces get no lasting token and no identity of the cloud.",
    rules: ["secrets/no-token-secrets", "rbac/no-cloud-identity", "pods/service-account-token"],
    resources: [{ group: "", resources: ["secrets", "serviceaccounts"], operations: ["CREATE", "UPDATE"] }],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "isAccount", expression: 'request.resource.resource == "serviceaccounts"' },
      { name: "annotations", expression: "variables.after.?metadata.?annotations.orValue({})" },
    ],
    validations: [
      {
        expression: any(
          "variables.isAccount",
          'variables.after.?type.orValue("Opaque") != "kubernetes.io/service-account-token"',
        ),
        message: "type: a Secret with a ServiceAccount's token never expires, and no program here needs one.",
      },
      {
        expression: any(
          "!variables.isAccount",
          all(
            'variables.annotations.all(k, !k.startsWith("eks.amazonaws.com/") && !k.startsWith("iam.gke.io/") && !k.startsWith("azure.workload.identity/"))',
            'variables.after.?metadata.?labels.orValue({}).all(k, !k.startsWith("azure.workload.identity/"))',
          ),
        ),
        message: "metadata: an identity of the cloud would reach beyond the tenant's namespace.",
      },
      {
        expression: any(
          "!variables.isAccount",
          'request.operation == "CREATE"',
          "variables.after.?automountServiceAccountToken == variables.before.?automountServiceAccountToken",
          "!variables.after.?automountServiceAccountToken.orValue(true)",
        ),
        message: "automountServiceAccountToken: the accounts of tenants' namespaces mount no token.",
      },
    ],
  };
}
