import type { NetworkPolicy } from "../../../components/plan/kubernetes";
import type { NetworkInput, NetworkPod } from "../../../policy-pack/analysis/reachability/network";
import { buildNetwork, type Network } from "../../../policy-pack/analysis/reachability/reachability";
import { nodeCidr } from "../../../tools/local-cluster/node/node";
import { podCidr, serviceCidr } from "../../../tools/local-cluster/network";
import { kubectlJson, type Kubectl } from "../../support/kubectl";
import type { RunningProbe } from "./probes";

interface LiveObject {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec: Record<string, unknown>;
}

const list = async (kubectl: Kubectl, ...args: string[]): Promise<LiveObject[]> =>
  (await kubectlJson<{ items: LiveObject[] }>(kubectl, "get", ...args)).items;

/** Identifier of a probe pod in the analysis. */
export const analysed = ({ namespace, name }: Pick<RunningProbe, "namespace" | "name">): string =>
  `Pod ${namespace}/${name}`;

/**
 * The network that the policy pack's analysis sees: the planned policies over the namespaces and probe pods that are really there.
 * Policies come from the plan and not from the cluster, so that one that was removed by hand is missed.
 */
export async function plannedNetwork(
  kubectl: Kubectl,
  policies: NetworkPolicy[],
  pods: readonly RunningProbe[],
  ports: number[],
): Promise<Network> {
  const namespaces = await list(kubectl, "namespaces");
  const declared = (["TCP", "UDP"] as const).flatMap((protocol) => ports.map((port) => ({ port, protocol })));
  const input: NetworkInput = {
    namespaces: namespaces.map(({ metadata }) => ({ name: metadata.name, labels: metadata.labels ?? {} })),
    pods: pods.map((pod): NetworkPod => ({
      id: analysed(pod),
      namespace: pod.namespace,
      labels: pod.labels,
      ports: declared,
      addresses: [pod.podAddress],
    })),
    policies: policies.map(({ metadata, spec }) => ({
      namespace: metadata.namespace ?? "",
      name: metadata.name,
      spec: JSON.parse(JSON.stringify(spec)),
    })),
    ranges: { pods: [podCidr], services: [serviceCidr], nodes: [nodeCidr] },
  };
  return buildNetwork(input);
}

/** Planned policies that are not in the cluster, and policies of tenants' namespaces that nobody planned, by `namespace/name`. */
export async function policyDrift(kubectl: Kubectl, policies: NetworkPolicy[]): Promise<string[]> {
  const idOf = ({ namespace, name }: { namespace?: string; name: string }) => `${namespace}/${name}`;
  const planned = new Set(policies.map(({ metadata }) => idOf(metadata)));
  const live = new Set(
    (await list(kubectl, "networkpolicies", "--all-namespaces")).map(({ metadata }) => idOf(metadata)),
  );
  return [
    ...[...planned].filter((id) => !live.has(id)).map((id) => `NetworkPolicy ${id} is planned and not in the cluster`),
    ...[...live].filter((id) => !planned.has(id)).map((id) => `NetworkPolicy ${id} is in the cluster and not planned`),
  ];
}
