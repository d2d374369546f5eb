/** The files of a new stack, with what was found and what was not in their comments. */
import { stringify } from "yaml";
import { POOL_KEY } from "../../components/spec/node-pool/key";
import type { ClusterPeer } from "../../components/spec/index";
import type { Facts } from "./facts";
import type { Found } from "./ranges";

/** A new file. */
export interface NewFile {
  /** Path below the project's folder. */
  path: string;
  text: string;
}

/** A small model that every cluster can serve, for the first tenant. */
const MODEL = "qwen2.5:0.5b";
/** Ports of the gateway and of its metrics, for the policy pack. */
const [SERVER_PORT, METRICS_PORT] = [8080, 9090];

/**
 * Writes a stack file, its first tenant and the settings of the policy pack.
 *
 * @param context The context of the kubeconfig that was asked.
 */
export function filesOfStack(stack: string, tenant: string, context: string, facts: Facts): NewFile[] {
  return [
    { path: `Pulumi.${stack}.yaml`, text: stackFile(stack, context, facts) },
    { path: `tenants/${stack}/${tenant}.yaml`, text: tenantFile(tenant) },
    { path: `policy-pack/config/${stack}.json`, text: `${JSON.stringify(packSettings(facts), undefined, 2)}\n` },
  ];
}

function stackFile(stack: string, context: string, facts: Facts): string {
  const { clusterId, dns, ingressControllers, monitoring } = facts;
  const head = {
    "kubernetes:context": context,
    ...(clusterId === undefined ? {} : { "kubernetes:clusterIdentifier": clusterId }),
    "ollama-platform:tenants": `tenants/${stack}`,
  };
  const ranges = (["podCidrs", "serviceCidrs", "nodeCidrs"] as const).flatMap((key) =>
    facts[key].value.length === 0 ? [] : [commented(facts[key], { [key]: facts[key].value })],
  );
  const cluster = [
    ...ranges,
    yaml({ ipFamilies: facts.ipFamilies }),
    yaml({ podSecurityVersion: facts.podSecurityVersion }),
    commented(dns, { dns: dns.value }),
    ...(ingressControllers.length === 0 ? [] : [yaml({ ingressControllers })]),
    ...(monitoring.length === 0 ? [] : [yaml({ monitoring })]),
  ];
  return [
    "# yaml-language-server: $schema=components/config/stack.schema.json",
    `# Made by: npm run init -- --stack ${stack}. Look at what is marked as a guess; docs/your-cluster.md says what to look up.`,
    ...remarks(facts).map((remark) => `# ${remark}`),
    "config:",
    indent(yaml(head), 2),
    "",
    "  ollama-platform:cluster:",
    indent(cluster.join(""), 4),
    "",
    "  # Every model that any tenant may be given. Servers have models only with a store: declare",
    "  # `ollama-platform:modelStore` (docs/model-stores.md); until then none is ready.",
    "  ollama-platform:models:",
    `    - name: ${MODEL}`,
    "",
  ].join("\n");
}

/** What a reader should know of the cluster beside the keys. */
function remarks(facts: Facts): string[] {
  const { network, backends, gpus, ingressClasses, runtimeClasses, storageClasses } = facts;
  const list = (names: string[]) => (names.length === 0 ? "none" : names.join(", "));
  return [
    network === undefined
      ? "Network: not recognised. It has to enforce NetworkPolicy: `npm run verify` tries it."
      : `Network: ${network.name}${network.enforces ? "." : ", which does not enforce NetworkPolicy as it runs here: nothing would be isolated."}`,
    `Backends of node pools: ${list([...backends, "existing"])}.`,
    ...gpus.map(
      ({ nodes, product, perNode, resource, memoryGiB, taints }) =>
        `GPUs: ${nodes} nodes with ${perNode} of ${resource} (${product}${memoryGiB === undefined ? "" : `, ${memoryGiB} GiB`})${taints.length === 0 ? "" : `, tainted ${taints.join(", ")}`}.`,
    ),
    ...(gpus.length === 0
      ? []
      : [`To use them: a pool with backend existing; its nodes get the label and taint ${POOL_KEY}.`]),
    ...deviceRemarks(facts),
    `Ingress classes: ${list(ingressClasses)}. Runtime classes: ${list(runtimeClasses)}. Storage classes: ${list(storageClasses)}.`,
  ];
}

/** GPUs that pods claim are among no node's resources. */
function deviceRemarks({ deviceClasses, devices }: Facts): string[] {
  if (deviceClasses.length === 0) return [];
  const classes = deviceClasses.map(({ name, resource }) =>
    resource === undefined ? name : `${name} (offered as ${resource}: write that as \`gpu.resource\` too)`,
  );
  return [
    `Device classes, for \`gpu.deviceClass\` of a pool: ${classes.join(", ")}.`,
    ...devices.map(({ driver, devices: count, nodes }) => `Devices: ${count} of ${driver} on ${nodes} nodes.`),
  ];
}

function commented({ from, isGuess }: Found<unknown>, value: object): string {
  return `# ${isGuess ? "A guess: " : "From "}${from}.\n${yaml(value)}`;
}

function tenantFile(tenant: string): string {
  return `# yaml-language-server: $schema=../../components/config/tenant.schema.json
apiVersion: ollama-platform.io/v1
kind: Tenant
metadata:
  name: ${tenant}
spec:
  models:
    allow: [${MODEL}]
  access:
    # Groups as the cluster's identity provider names them.
    viewers: [${tenant}-viewers]
    clients:
      - name: portal
`;
}

/** Facts that the pack cannot see in the objects: it trusts nothing of the stack file. */
function packSettings(facts: Facts): object {
  const peers = (list: ClusterPeer[], peerPort: number) => list.map((peer) => ({ ...peer, ports: [peerPort] }));
  return {
    "tenant-isolation": {
      enforcementLevel: "mandatory",
      cluster: {
        podCidrs: facts.podCidrs.value,
        serviceCidrs: facts.serviceCidrs.value,
        ...(facts.nodeCidrs.value.length === 0 ? {} : { nodeCidrs: facts.nodeCidrs.value }),
        dns: facts.dns.value,
        ingressPeers: [...peers(facts.ingressControllers, SERVER_PORT), ...peers(facts.monitoring, METRICS_PORT)],
      },
    },
  };
}

function yaml(value: object): string {
  return stringify(value);
}

function indent(text: string, by: number): string {
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : `${" ".repeat(by)}${line}`))
    .join("\n");
}
