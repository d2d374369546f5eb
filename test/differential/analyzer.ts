/** Runs netpol-analyzer over many networks in one process. */
import { BlockList, isIPv4 } from "node:net";
import type { NetworkPod, NetworkPolicySource } from "../../policy-pack/analysis/reachability/network";
import type { NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../../policy-pack/model/kubernetes";
import { askProgram } from "../support/ask-program";
import { type MatcherQuestion, labelsOf } from "./matcher";

/** Label by which a rewritten policy selects the pods of a block. */
const ADDRESS = "address";

const BLOCK_OF_ALL = "0.0.0.0/0";

interface Answer {
  /** 1 where both ends allow the connection, by source, destination and probe. */
  verdicts?: string;
  error?: string;
}

/** Asks whether whole connections are allowed: a digit each. Answers come in the order of the questions. */
export async function askAnalyzer(program: string, questions: readonly MatcherQuestion[]): Promise<string[]> {
  const answers = await askProgram<Answer>(program, questions.map(wireForm));
  return answers.map(({ verdicts, error }, index) => {
    if (verdicts === undefined)
      throw new Error(`netpol-analyzer gave up: ${error} ${JSON.stringify(questions[index]?.input)}`);
    return verdicts;
  });
}

/**
 * Asks each end alone, by the policies of one direction at a time: the digits of `endVerdicts`.
 *
 * Both at once would not do: where version 1.4.4 intersects what the ends allow, it loses the ports that two ranges
 * share if one begins before the other and ends within it.
 */
export async function askEnds(program: string, questions: readonly MatcherQuestion[]): Promise<string[]> {
  const [ingress = [], egress = []] = await Promise.all(
    ["Ingress", "Egress"].map((type) =>
      askAnalyzer(
        program,
        questions.map((question) => onlyOf(question, type)),
      ),
    ),
  );
  return ingress.map((digits, index) =>
    [...digits].map((digit, at) => Number(digit) + 2 * Number(egress[index]?.[at])).join(""),
  );
}

function onlyOf(question: MatcherQuestion, type: string): MatcherQuestion {
  const policies = question.input.policies
    .filter(({ spec }) => typesOf(spec).includes(type))
    .map((policy) => ({ ...policy, spec: { ...policy.spec, policyTypes: [type] } }));
  return { ...question, input: { ...question.input, policies } };
}

/**
 * The question without what netpol-analyzer does not know, so that both read the same:
 * - it knows IPv4 only, so that ends of IPv6 are left out, and blocks of IPv6 admit nobody who is left;
 * - it takes a block to mean no pod, so that the pods of a block are selected beside it by a label of their own;
 * - it refuses a port's name towards an address outside, which has no such name, so that such a rule is parted in two.
 */
export function withoutUnknown(question: MatcherQuestion): MatcherQuestion {
  const { input } = question;
  const pods = input.pods.map((pod) => ({ ...pod, labels: { ...pod.labels, [ADDRESS]: addressOf(pod) } }));
  const policies = input.policies.map(({ spec, ...policy }): NetworkPolicySource => ({
    ...policy,
    spec: rewritten(spec, pods),
  }));
  return { ...question, input: { ...input, pods, policies }, outside: question.outside.filter((end) => isIPv4(end)) };
}

function rewritten(spec: NetworkPolicySpec, pods: readonly NetworkPod[]): NetworkPolicySpec {
  const peersOf = (peers: NetworkPolicyPeer[] | undefined) =>
    peers === undefined || peers.length === 0 ? peers : peers.flatMap((peer) => known(peer, pods));
  const { ingress, egress } = spec;
  return {
    ...spec,
    // The types are told before rules go: without them, an egress rule is what makes a policy one of egress.
    policyTypes: typesOf(spec),
    ingress: ingress
      ?.map((rule) => ({ ...rule, from: peersOf(rule.from) }))
      .filter(({ from }, index) => from?.length !== 0 || ingress[index]?.from?.length === 0),
    egress: egress
      ?.map((rule) => ({ ...rule, to: peersOf(rule.to) }))
      .filter(({ to }, index) => to?.length !== 0 || egress[index]?.to?.length === 0)
      .flatMap(parted),
  };
}

function typesOf({ policyTypes = [], egress = [] }: NetworkPolicySpec): string[] {
  if (policyTypes.length > 0) return policyTypes;
  return egress.length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

/** The peer in words that netpol-analyzer reads as the API means them; none for a block of IPv6. */
function known(peer: NetworkPolicyPeer, pods: readonly NetworkPod[]): NetworkPolicyPeer[] {
  const { ipBlock } = peer;
  if (ipBlock === undefined) return [peer];
  if (!isIPv4(ipBlock.cidr?.split("/")[0] ?? "")) return [];
  const values = pods.map(addressOf).filter((address) => blockHas(ipBlock, address));
  if (values.length === 0) return [peer];
  const podSelector = { matchExpressions: [{ key: ADDRESS, operator: "In", values }] };
  return [peer, { namespaceSelector: {}, podSelector }];
}

function blockHas({ cidr = "", except = [] }: { cidr?: string; except?: string[] }, address: string): boolean {
  const has = (range: string) => {
    const [base = "", length] = range.split("/");
    const list = new BlockList();
    list.addSubnet(base, Number(length), "ipv4");
    return list.check(address, "ipv4");
  };
  return has(cidr) && !except.some(has);
}

interface EgressRule {
  to?: NetworkPolicyPeer[];
  ports?: NetworkPolicyPort[];
}

/** The rule, or one for pods and one for addresses outside if it names a port: outside, a name admits nothing. */
function parted(rule: EgressRule): EgressRule[] {
  const { to = [], ports = [] } = rule;
  const numbered = ports.filter(({ port }) => typeof port !== "string");
  if (numbered.length === ports.length) return [rule];
  const pods = to.length === 0 ? [{ namespaceSelector: {} }] : to.filter(({ ipBlock }) => ipBlock === undefined);
  const blocks =
    to.length === 0 ? [{ ipBlock: { cidr: BLOCK_OF_ALL } }] : to.filter(({ ipBlock }) => ipBlock !== undefined);
  return [
    ...(pods.length === 0 ? [] : [{ to: pods, ports }]),
    ...(blocks.length === 0 || numbered.length === 0 ? [] : [{ to: blocks, ports: numbered }]),
  ];
}

function addressOf({ id, addresses = [] }: NetworkPod): string {
  const [address] = addresses;
  if (address === undefined) throw new Error(`pod ${id} has no address`);
  return address;
}

/** The library reads a pod's name from its object, so it has one without the namespace. */
const nameOf = ({ id, namespace }: NetworkPod) => id.slice(namespace.length + 1);

function wireForm({ input, outside, probes }: MatcherQuestion): unknown {
  return {
    namespaces: input.namespaces.map((namespace) => ({
      metadata: { name: namespace.name, labels: labelsOf(namespace) },
    })),
    pods: input.pods.map(podObject),
    policies: input.policies.map(({ namespace, name, spec }) => ({ metadata: { namespace, name }, spec })),
    outside,
    probes,
  };
}

function podObject(pod: NetworkPod): unknown {
  const ports = pod.ports.map(({ name, port, protocol = "TCP" }) => ({ name, containerPort: port, protocol }));
  return {
    metadata: { name: nameOf(pod), namespace: pod.namespace, labels: pod.labels },
    spec: { containers: [{ name: "main", ports }] },
    // The address of the node is nobody's end here: the library lets every connection with it pass.
    status: { hostIP: "198.18.0.1", podIPs: [{ ip: addressOf(pod) }] },
  };
}
