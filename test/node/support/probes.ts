import { probeImage } from "../../../tools/images/names";
import { kubectlJson } from "../../support/kubectl";
import { eventually } from "../../support/wait";
import type { NodeCluster } from "./cluster";

export const protocols = ["TCP", "UDP"] as const;
export type Protocol = (typeof protocols)[number];

/** A pod that serves ports under its own name and from which connections are tried, with a Service of the same name. */
export interface ProbePod {
  /** `namespace/name`, which is also what its ports say. */
  id: string;
  namespace: string;
  name: string;
  labels: Record<string, string>;
  /** Whether its policies deny it DNS, so that it knows nobody by name. */
  withoutNames?: boolean;
}

/** A probe pod with its addresses. */
export interface RunningProbe extends ProbePod {
  podAddress: string;
  serviceAddress: string;
}

/** A connection to try. */
export interface Attempt {
  protocol: Protocol;
  host: string;
  port: number;
  /** The server is none of ours and says nothing first. */
  silent?: boolean;
}

/** How it ended. */
export interface Outcome {
  result: "open" | "refused" | "timeout" | "unresolved" | "error";
  detail?: string;
}

export const probePod = (namespace: string, name: string, labels: Record<string, string> = {}): ProbePod => ({
  id: `${namespace}/${name}`,
  namespace,
  name,
  labels: { ...labels, probe: name },
});

/** Starts the pods and their Services and returns them once all are Ready. */
export async function startProbes(cluster: NodeCluster, pods: ProbePod[], ports: number[]): Promise<RunningProbe[]> {
  const objects = pods.flatMap((pod) => [podOf(pod, ports), serviceOf(pod, ports)]);
  const list = { apiVersion: "v1", kind: "List", items: objects };
  await cluster.kubectlWithInput(JSON.stringify(list), "apply", "-f", "-");
  return Promise.all(pods.map((pod) => running(cluster, pod)));
}

async function running(cluster: NodeCluster, pod: ProbePod): Promise<RunningProbe> {
  interface Live {
    spec: { clusterIP?: string };
    status: { podIP?: string; conditions?: { type: string; status: string }[] };
  }
  const get = (kind: string) => kubectlJson<Live>(cluster.kubectl, "get", kind, pod.name, "-n", pod.namespace);
  const podAddress = await eventually(`pod ${pod.id} to be Ready`, 60, async () => {
    const { status } = await get("pod");
    const ready = status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
    return ready === true ? status.podIP : undefined;
  });
  return { ...pod, podAddress, serviceAddress: (await get("service")).spec.clusterIP ?? "" };
}

function podOf({ id, namespace, name, labels }: ProbePod, ports: number[]): object {
  const addresses = protocols.flatMap((protocol) => ports.map((port) => `${protocol.toLowerCase()}:${port}`));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "probe",
          image: probeImage,
          imagePullPolicy: "Never",
          args: ["serve", id, ...addresses],
          ports: protocols.flatMap((protocol) => ports.map((containerPort) => ({ containerPort, protocol }))),
          resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { memory: "64Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}

function serviceOf({ namespace, name }: ProbePod, ports: number[]): object {
  const list = protocols.flatMap((protocol) =>
    ports.map((port) => ({ name: `${protocol.toLowerCase()}-${port}`, port, protocol })),
  );
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name },
    spec: { selector: { probe: name }, ports: list },
  };
}

/** Tries connections from inside a pod; outcomes are in the order of the attempts. */
export async function tryFrom(cluster: NodeCluster, pod: ProbePod, attempts: Attempt[]): Promise<Outcome[]> {
  const input = attempts.map((attempt) => ({ ...attempt, protocol: attempt.protocol.toLowerCase() }));
  const args = ["exec", "-i", "-n", pod.namespace, pod.name, "--", "/probe", "try"];
  return JSON.parse(await cluster.kubectlWithInput(JSON.stringify(input), ...args)) as Outcome[];
}
