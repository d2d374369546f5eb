import { gatewayPortName } from "../../gateway/pod";
import { ISOLATION_LEVEL_LABEL, TENANT_LABEL } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import { SERVER_PORT, SERVICE_PORT } from "../ports";
import { all, any, celList } from "./cel";
import type { Concern, Validation } from "./concern";
import { byNamespace, type GuardFacts, workspaces } from "./facts";
import { IN_GUARDED_NAMESPACE, NEW, notByDeployers, notByDeployersOrSystem, OLD } from "./scope";

/** Labels that every server pod carries; a selector of these alone chooses servers. */
const SERVER_LABELS = [
  TENANT_LABEL,
  ISOLATION_LEVEL_LABEL,
  "app.kubernetes.io/name",
  "app.kubernetes.io/component",
  "app.kubernetes.io/part-of",
  "app.kubernetes.io/managed-by",
];
const TARGETS = [SERVER_PORT, gatewayPortName(false), gatewayPortName(true)];
/** Ports compare as texts: they are numbers or names. */
const TARGET_TEXTS = celList(TARGETS.map(String));

/** Services lead into the cluster only, and to the gateways. */
export function services(facts: GuardFacts): Concern {
  return {
    name: "services",
    title: "Services of tenants are reached inside the cluster only, and lead to gateways, never past them.",
    rules: ["network/service-types", "models/server-ports"],
    resources: [{ group: "", resources: ["services", "services/status"], operations: ["CREATE", "UPDATE"] }],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers)],
    variables: [
      NEW,
      { name: "spec", expression: "variables.after.spec" },
      { name: "workspaces", expression: workspaces(facts) },
      { name: "selector", expression: "variables.spec.?selector.orValue({})" },
      {
        name: "choosesServers",
        // No server is in a workspace.
        expression: `!(request.namespace in variables.workspaces) && (${any(
          `variables.after.metadata.name == "${TENANT_OBJECT.server}"`,
          `variables.selector.size() > 0 && variables.selector.all(k, k in ${celList(SERVER_LABELS)})`,
        )})`,
      },
    ],
    validations: [
      {
        expression: all(
          'variables.spec.?type.orValue("ClusterIP") == "ClusterIP"',
          "variables.spec.?externalIPs.orValue([]).size() == 0",
          'variables.spec.?externalName.orValue("") == ""',
          'variables.spec.?loadBalancerIP.orValue("") == ""',
          "variables.spec.?ports.orValue([]).all(p, p.?nodePort.orValue(0) == 0)",
          "variables.after.?status.?loadBalancer.?ingress.orValue([]).size() == 0",
        ),
        message: "spec: a Service of a tenant has type ClusterIP and no external name, address or node port.",
      },
      {
        expression: any(
          "!variables.choosesServers",
          `variables.spec.?ports.orValue([]).all(p, string(p.?targetPort.orValue(p.port)) in ${TARGET_TEXTS})`,
        ),
        message: `spec.ports: targetPort has to be the gateway's, ${TARGETS.join(" or ")}.`,
      },
      {
        expression: any("!variables.choosesServers", "!variables.spec.?publishNotReadyAddresses.orValue(false)"),
        message: "spec.publishNotReadyAddresses: a server that is not ready has no gateway that answers.",
      },
    ],
  };
}

/** Addresses behind Services are the controllers' to write. */
export function endpoints(facts: GuardFacts): Concern {
  return {
    name: "endpoints",
    title: "Nobody leads a Service of a tenant to addresses by hand.",
    rules: ["network/endpoints"],
    resources: [
      { group: "", resources: ["endpoints"], operations: ["CREATE", "UPDATE"] },
      { group: "discovery.k8s.io", resources: ["endpointslices"], operations: ["CREATE", "UPDATE"] },
    ],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployersOrSystem(facts.deployers)],
    variables: [NEW, OLD],
    validations: [
      {
        expression:
          'request.operation == "UPDATE" && ["subsets", "endpoints", "ports", "addressType"].all(k, variables.after[?k] == variables.before[?k]) && variables.after.?metadata.?labels == variables.before.?metadata.?labels',
        message: "addresses of a Service are made by Kubernetes from its selector: give the Service a selector.",
      },
    ],
  };
}

const ROUTE_GROUP = "gateway.networking.k8s.io";
/** Whether a backend of a route is the tenant's gateway. */
const IS_GATEWAY = `b.?name.orValue("") == "${TENANT_OBJECT.server}" && b.?namespace.orValue(request.namespace) == request.namespace && b.?port.orValue(0) == ${SERVICE_PORT}`;

/** What an Ingress or a route of a tenant may be. */
const ROUTES: Validation[] = [
  {
    expression: 'variables.same || variables.kind in ["ingresses", "httproutes"]',
    message: "in a tenant's namespace there are Ingresses and HTTPRoutes only.",
  },
  {
    expression: any(
      "variables.same",
      'variables.kind != "ingresses"',
      all(
        "variables.spec.?rules.orValue([]).size() > 0",
        "variables.spec.?rules.orValue([]).all(r, has(r.host) && r.host in variables.hosts)",
        "variables.spec.?tls.orValue([]).all(t, t.?hosts.orValue([]).all(h, h in variables.hosts))",
        "!has(variables.spec.defaultBackend)",
        `variables.paths.all(p, has(p.backend.service) && p.backend.service.name == "${TENANT_OBJECT.server}" && p.backend.service.?port.?number.orValue(0) == ${SERVICE_PORT})`,
      ),
    ),
    message: "spec: an Ingress serves hosts that the tenant declares under ingress.hosts, and leads to its gateway.",
  },
  {
    expression: any(
      "variables.same",
      'variables.kind != "httproutes"',
      all(
        "variables.spec.?hostnames.orValue([]).size() > 0",
        "variables.spec.?hostnames.orValue([]).all(h, h in variables.hosts)",
        `variables.backends.all(b, ${IS_GATEWAY})`,
        "variables.spec.?rules.orValue([]).all(r, r.?filters.orValue([]).size() == 0)",
      ),
    ),
    message: "spec: an HTTPRoute serves hosts that the tenant declares under ingress.hosts, and leads to its gateway.",
  },
  {
    expression: any(
      'request.operation == "UPDATE" && variables.after.?metadata.?annotations == variables.before.?metadata.?annotations',
      'variables.after.?metadata.?annotations.orValue({}).all(k, !k.contains("snippet") && !k.contains("auth-url") && !k.contains("upstream-vhost") && !k.contains("mirror") && !k.contains("backend"))',
    ),
    message: "metadata.annotations may not make an ingress controller call elsewhere.",
  },
];

/** Ways from outside the cluster to tenants. */
export function routes(facts: GuardFacts): Concern {
  return {
    name: "routes",
    title: "Ingresses and routes of tenants serve the tenant's declared hosts and lead to its gateway.",
    rules: ["network/host-names", "network/routes", "network/listeners", "network/ingress-annotations"],
    resources: [
      { group: "networking.k8s.io", resources: ["ingresses"], operations: ["CREATE", "UPDATE"] },
      {
        group: ROUTE_GROUP,
        resources: [
          "httproutes",
          "grpcroutes",
          "tcproutes",
          "tlsroutes",
          "udproutes",
          "referencegrants",
          "gateways",
          "listenersets",
          "backendtlspolicies",
        ],
        operations: ["CREATE", "UPDATE"],
      },
    ],
    conditions: [IN_GUARDED_NAMESPACE, notByDeployers(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "same", expression: 'request.operation == "UPDATE" && variables.after.?spec == variables.before.?spec' },
      { name: "spec", expression: "variables.after.?spec.orValue({})" },
      { name: "hosts", expression: byNamespace(facts, ({ hosts }) => hosts) },
      { name: "kind", expression: "request.resource.resource" },
      {
        name: "paths",
        expression: "variables.spec.?rules.orValue([]).map(r, r.?http.?paths.orValue([])).flatten()",
      },
      {
        name: "backends",
        expression: "variables.spec.?rules.orValue([]).map(r, r.?backendRefs.orValue([])).flatten()",
      },
    ],
    validations: ROUTES,
  };
}

/** Hosts of tenants are served from their own namespaces. */
export function foreignRoutes(facts: GuardFacts): Concern[] {
  const hosts = facts.namespaces.flatMap((one) => one.hosts).sort();
  if (hosts.length === 0) return [];
  return [
    {
      name: "foreign-routes",
      title: "No Ingress or route elsewhere takes a host of a tenant.",
      rules: ["network/host-names"],
      resources: [
        { group: "networking.k8s.io", resources: ["ingresses"], operations: ["CREATE", "UPDATE"] },
        { group: ROUTE_GROUP, resources: ["httproutes", "grpcroutes", "tlsroutes"], operations: ["CREATE", "UPDATE"] },
      ],
      conditions: [
        { name: "elsewhere", expression: `has(request.namespace) && !(${IN_GUARDED_NAMESPACE.expression})` },
        notByDeployers(facts.deployers),
      ],
      variables: [
        NEW,
        { name: "hosts", expression: celList(hosts) },
        {
          name: "named",
          expression:
            'variables.after.?spec.?hostnames.orValue([]) + variables.after.?spec.?rules.orValue([]).map(r, r.?host.orValue("-"))',
        },
      ],
      validations: [
        {
          expression: "variables.named.all(h, !(h in variables.hosts))",
          message: "this host belongs to a tenant of the platform.",
        },
      ],
    },
  ];
}
