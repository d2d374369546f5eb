import { all, any, celList, celText } from "./cel";
import type { Concern, ResourceRule } from "./concern";
import type { GuardFacts } from "./facts";
import { isPoolKey, POOL_KEYS } from "./placement";
import { NEW, notByDeployers, notByDeployersOrSystem, OLD } from "./scope";

/** Priority of every tenant's pods. */
const TENANT_PRIORITY = 1000;

/** Priorities above the tenants'. */
export function priorityClasses(facts: GuardFacts): Concern {
  return {
    name: "priority-classes",
    title: "Nobody makes a priority above the tenants' by hand, or changes theirs.",
    rules: ["placement/priority"],
    resources: [
      { group: "scheduling.k8s.io", resources: ["priorityclasses"], operations: ["CREATE", "UPDATE", "DELETE"] },
    ],
    conditions: [notByDeployersOrSystem(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "name", expression: '(request.operation == "DELETE" ? dyn(oldObject) : dyn(object)).metadata.name' },
      { name: "own", expression: 'variables.name.startsWith("ollama-platform-")' },
    ],
    validations: [
      {
        expression: any(
          "!variables.own",
          'request.operation == "UPDATE" && ["value", "globalDefault", "preemptionPolicy"].all(k, variables.after[?k] == variables.before[?k])',
        ),
        message: "priority classes of this name are the platform's: only its deployers make, change and remove them.",
      },
      {
        expression: any(
          'request.operation == "DELETE"',
          'request.operation == "UPDATE" && variables.after.value == variables.before.value && variables.after.?globalDefault == variables.before.?globalDefault',
          `variables.after.value <= ${TENANT_PRIORITY} && !variables.after.?globalDefault.orValue(false)`,
        ),
        message: `value: pods above ${TENANT_PRIORITY} would push tenants' servers off their nodes; let a deployer make the class.`,
      },
    ],
  };
}

/** Nodes of pools. */
export function nodes(facts: GuardFacts): Concern {
  const keys = POOL_KEYS.map(celText).join(", ");
  return {
    name: "nodes",
    title: "Nodes of a pool keep the taint and the label that reserve them.",
    rules: ["placement/pool-fences"],
    resources: [{ group: "", resources: ["nodes", "nodes/status"], operations: ["UPDATE"] }],
    conditions: [notByDeployers(facts.deployers)],
    variables: [
      NEW,
      OLD,
      { name: "reserved", expression: `variables.before.?spec.?taints.orValue([]).filter(t, ${isPoolKey("t.key")})` },
    ],
    validations: [
      {
        expression: "variables.reserved.all(t, t in variables.after.?spec.?taints.orValue([]))",
        message:
          "spec.taints: the pool's taint keeps other tenants' pods away from this node; drain and delete the node to take it out.",
      },
      {
        expression: `[${keys}].all(k, variables.before.?metadata.?labels[?k] == optional.none() || variables.after.?metadata.?labels[?k] == variables.before.?metadata.?labels[?k])`,
        message: "metadata.labels: the pool's label leads the tenant's pods to this node.",
      },
    ],
  };
}

/** Resources that make pools, by kind. */
const POOL_RESOURCES: Record<string, string> = {
  NodePool: "nodepools",
  EC2NodeClass: "ec2nodeclasses",
  AKSNodeClass: "aksnodeclasses",
  ComputeClass: "computeclasses",
  MachineDeployment: "machinedeployments",
};

/** What makes the nodes of the declared pools. */
export function nodePools({ deployers, pools }: GuardFacts): Concern[] {
  const objects = pools.flatMap((pool) => pool.objects);
  if (objects.length === 0) return [];
  const rules = new Map<string, ResourceRule>();
  for (const { apiVersion, kind } of objects) {
    const [group = ""] = apiVersion.split("/");
    const resource = POOL_RESOURCES[kind] ?? `${kind.toLowerCase()}s`;
    rules.set(`${group}/${resource}`, { group, resources: [resource], operations: ["UPDATE", "DELETE"] });
  }
  const names = [...new Set(objects.map(({ metadata }) => metadata.name))].sort();
  return [
    {
      name: "node-pools",
      title: "The declared node pools keep their limits, taints and labels.",
      rules: ["placement/pool-fences", "placement/pool-limits"],
      resources: [...rules.values()],
      conditions: [notByDeployersOrSystem(deployers)],
      variables: [
        NEW,
        OLD,
        { name: "name", expression: '(request.operation == "DELETE" ? dyn(oldObject) : dyn(object)).metadata.name' },
        { name: "names", expression: celList(names) },
        { name: "own", expression: "variables.name in variables.names" },
      ],
      validations: [
        {
          expression: any("!variables.own", 'request.operation != "DELETE"'),
          message: "this node pool is declared in the stack's config: remove it there, and deploy.",
        },
        {
          expression: any(
            "!variables.own",
            'request.operation != "UPDATE"',
            // An autoscaler of machines writes the number; Karpenter's disruption moves pods within the pool.
            'variables.after.?spec.orValue({}).all(k, k in ["disruption", "replicas"] || variables.after.spec[k] == variables.before.?spec[?k].orValue(null)) && variables.before.?spec.orValue({}).all(k, k in ["disruption", "replicas"] || k in variables.after.spec)',
          ),
          message: "spec: limits, taints and labels of a declared node pool are changed in the stack's config.",
        },
        {
          expression: any(
            "!variables.own",
            'request.operation != "UPDATE"',
            all("variables.after.metadata.?ownerReferences == variables.before.metadata.?ownerReferences"),
          ),
          message: "metadata.ownerReferences: an owner would take the pool with it.",
        },
      ],
    },
  ];
}
