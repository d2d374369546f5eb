/** The objects that a run makes. Every pod keeps to `restricted`, has no token, and ends by itself. */
import { CONTROL_NAMESPACE, PROBE_LABEL, probeLabels, STRANGER_NAMESPACE, type Probe } from "./places";
import { LISTENER_PORT, probeProgram, type Task } from "./probe";

/** After this the kubelet ends a pod that nobody has removed. */
const LONGEST_SECONDS = 900;
/** Node.js in a container that does little. */
const SIZE = {
  requests: { cpu: "10m", memory: "64Mi", "ephemeral-storage": "1Mi" },
  limits: { cpu: "250m", memory: "96Mi", "ephemeral-storage": "8Mi" },
};

/** Folder in an asking pod with the keys that were given. */
export const KEYS_FOLDER = "/keys";
/** Name of the Secret with them. */
export const KEYS_NAME = "verifier-probe-keys";

/** Annotation by which a run says that it is still at work: it changes all the time. */
export const ALIVE_ANNOTATION = "ollama-platform.io/verifier-alive";

/** The verifier's own namespaces. */
export function namespaceObjects(): object[] {
  const confined = { "pod-security.kubernetes.io/enforce": "restricted" };
  return [CONTROL_NAMESPACE, STRANGER_NAMESPACE].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { ...probeLabels("namespace"), ...confined } },
  }));
}

/** Two policies of the control namespace: one closes the way to `fenced`, the other the way out of `muted`. */
export function policyObjects(): object[] {
  const close = (role: Probe["role"], direction: "Ingress" | "Egress") => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: role, namespace: CONTROL_NAMESPACE, labels: probeLabels("policy") },
    spec: { podSelector: { matchLabels: { [PROBE_LABEL]: role } }, policyTypes: [direction] },
  });
  return [close("fenced", "Ingress"), close("muted", "Egress")];
}

/** A Service of the control namespace in front of its listener, with a port of every node. */
export function serviceObject(): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "listener", namespace: CONTROL_NAMESPACE, labels: probeLabels("service") },
    spec: {
      type: "NodePort",
      ipFamilyPolicy: "PreferDualStack",
      selector: { [PROBE_LABEL]: "listener" },
      ports: [{ port: LISTENER_PORT, targetPort: LISTENER_PORT }],
    },
  };
}

/**
 * Keys for an asking pod. The cluster removes them with the pod, whatever becomes of the verifier.
 *
 * @param pod The asking pod and its UID.
 */
export function keysObject({ namespace, name }: Probe, uid: string, keys: Record<string, string>): object {
  const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name, uid }];
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: KEYS_NAME, namespace, labels: probeLabels("keys"), ownerReferences },
    immutable: true,
    stringData: keys,
  };
}

/** A pod that answers on its port, ready when it does. */
export function listenerPod(probe: Probe, image: string): object {
  const task: Task = { listen: { name: probe.id, port: LISTENER_PORT } };
  const readinessProbe = { httpGet: { path: "/", port: LISTENER_PORT }, periodSeconds: 1, timeoutSeconds: 5 };
  const ports = (["TCP", "UDP"] as const).map((protocol) => ({ containerPort: LISTENER_PORT, protocol }));
  return pod(probe, image, task, { readinessProbe, ports });
}

/** A pod that tries connections and ends. */
export function askerPod(probe: Probe, image: string, task: Task, hasKeys: boolean): object {
  if (!hasKeys) return pod(probe, image, task);
  const volumes = [{ name: "keys", secret: { secretName: KEYS_NAME } }];
  return pod(probe, image, task, { volumeMounts: [{ name: "keys", mountPath: KEYS_FOLDER, readOnly: true }] }, volumes);
}

function pod(probe: Probe, image: string, task: Task, container: object = {}, volumes: object[] = []): object {
  const { name, namespace, role, priorityClass, runtimeClass } = probe;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels: probeLabels(role) },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: "Never",
      activeDeadlineSeconds: LONGEST_SECONDS,
      terminationGracePeriodSeconds: 1,
      priorityClassName: priorityClass,
      runtimeClassName: runtimeClass,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        runAsGroup: 65534,
        fsGroup: 65534,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: "probe",
          image,
          imagePullPolicy: "IfNotPresent",
          command: ["node", "--input-type=module", "--eval", probeProgram()],
          env: [
            { name: "NVIDIA_VISIBLE_DEVICES", value: "void" },
            { name: "PROBE_TASK", value: JSON.stringify(task) },
          ],
          resources: SIZE,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
          ...container,
        },
      ],
      volumes,
    },
  };
}
