/**
 * How the gateway and the Ollama server behind it run in one pod, as pieces of a Kubernetes pod spec.
 *
 * Ollama is a native sidecar (an init container that keeps running) on the loopback address, and Envoy is the main
 * container: the kubelet starts Ollama first, and when the pod ends it stops Ollama only after Envoy has drained.
 */
import type { Placement } from "./placement";
import { BOOTSTRAP_FILE, DRAIN_SCRIPT, HEALTH_PATH, LOOPBACK, POD_PLACEMENT } from "./placement";

/** User and group of both containers; neither image has it, so no file of the image is writable for it. */
export const RUN_AS = 10001;
/** Name of the main container. */
export const GATEWAY_CONTAINER = "gateway";
/** Name of the sidecar. */
export const OLLAMA_CONTAINER = "ollama";
/** Folder of the model store in the Ollama container. */
export const MODELS_DIRECTORY = "/models";
/** Home folder in the Ollama container: Ollama makes a key pair there, and ends when it cannot. */
export const OLLAMA_HOME = "/home/ollama";

/** Name of the volume with the archives of the gateway's files. */
export const CONFIG_VOLUME = "gateway-config";
/** Name of the volume in memory that the archives are unpacked into. */
export const RUN_VOLUME = "gateway-run";
/** Size limit of that volume as a quantity: several times what is unpacked. */
export const RUN_VOLUME_SIZE = "4Mi";
/** Name of the volume with the files of `GatewayFiles.secrets`. */
export const POLICY_VOLUME = "gateway-policy";
/** Name of the volume with the files of `GatewayFiles.tokens`. */
export const TOKENS_VOLUME = "gateway-tokens";
/** Name of the volume with certificate and private key of a gateway that speaks TLS; the caller declares it. */
export const CERTIFICATE_VOLUME = "gateway-certificate";
/** Name of the volume for Ollama's home folder and temporary files. */
export const SCRATCH_VOLUME = "scratch";
/** Name of the volume with the model store; the caller declares it. */
export const MODELS_VOLUME = "models";

/** Seconds before the gateway waits for its last requests: endpoints take that long to disappear from every node. */
const DRAIN_AT_LEAST = 5;
/** Seconds of the pod's grace period that are left for stopping Envoy and Ollama after draining. */
const STOP_RESERVE = 15;

/** Hides the node's GPUs from a container that is given none: images, and the runtime's defaults, would show it all of them. */
export const NO_GPU = { name: "NVIDIA_VISIBLE_DEVICES", value: "void" };

/** Quantities of a container, by resource name. */
export interface Quantities {
  [resource: string]: string;
}

/** A container of a pod, as far as this file uses it. */
export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: { name: string; value: string }[];
  ports?: { name: string; containerPort: number; protocol: string }[];
  restartPolicy?: string;
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
  lifecycle?: { preStop: { exec: { command: string[] } } };
  resources: { requests: Quantities; limits: Quantities };
  securityContext: ContainerSecurity;
  volumeMounts: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[];
}

/** A probe of a container. */
export interface Probe {
  httpGet?: { path: string; port: string | number; scheme?: string };
  exec?: { command: string[] };
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

/** Security context of a container, within the Pod Security Standard `restricted`. */
export interface ContainerSecurity {
  runAsNonRoot: boolean;
  runAsUser: number;
  runAsGroup: number;
  allowPrivilegeEscalation: boolean;
  readOnlyRootFilesystem: boolean;
  capabilities: { drop: string[] };
  seccompProfile: { type: string };
}

/** What the gateway's container is made from. */
export interface GatewayContainerArgs {
  /** Envoy image; not a distroless one, because starting and draining need bash, tar, gzip and sha256sum. */
  image: string;
  /** SHA-256 of each archive of the gateway's files by its name, as hexadecimal digits; no other content is started. */
  archives: Record<string, string>;
  /** Seconds between the decision to end the pod and its end; streams may go on for most of it. */
  terminationGracePeriodSeconds: number;
  /** Whether the gateway speaks TLS. Default: false. */
  tls?: boolean;
  /** Whether the gateway accepts ServiceAccount tokens. Default: false. */
  tokens?: boolean;
  /** CPU request as a quantity. Default: `100m`. */
  cpu?: string;
  /** Memory request and limit as a quantity. Default: `256Mi`. */
  memory?: string;
}

/** What the Ollama sidecar is made from. */
export interface OllamaSidecarArgs {
  /** Ollama image. */
  image: string;
  /** Requests of the container, GPUs included, as quantities. */
  requests: Quantities;
  /** Limits of the container, GPUs included, as quantities. */
  limits: Quantities;
  /** Context length in tokens. */
  contextLength: number;
  /** Requests that are answered at a time. */
  parallelRequests: number;
  /** How long a model stays loaded after a request, as a duration. */
  keepAlive: string;
  /** Whether a device plugin gives the container GPUs; if not, it is also denied those that the container runtime would add. */
  gpu: boolean;
}

/** Security context of every container of the platform. */
export function containerSecurity(): ContainerSecurity {
  return {
    runAsNonRoot: true,
    runAsUser: RUN_AS,
    runAsGroup: RUN_AS,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** What the Pod Security Standard `restricted` asks of a pod of the platform whose volumes belong to its group. */
export function restrictedPod() {
  return {
    runAsNonRoot: true,
    runAsUser: RUN_AS,
    runAsGroup: RUN_AS,
    fsGroup: RUN_AS,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** The main container: Envoy with the gateway's files. */
export function gatewayContainer(args: GatewayContainerArgs, place: Placement = POD_PLACEMENT): Container {
  const drainAtMost = Math.max(DRAIN_AT_LEAST, args.terminationGracePeriodSeconds - STOP_RESERVE);
  const memory = args.memory ?? "256Mi";
  const portName = gatewayPortName(args.tls === true);
  return {
    name: GATEWAY_CONTAINER,
    image: args.image,
    command: ["/bin/bash", "-c", startScript(args.archives, place), GATEWAY_CONTAINER],
    args: [
      ["--config-path", `${place.configDirectory}/${BOOTSTRAP_FILE}`],
      // One worker: limits per client are counted in the worker, and one serves far more than Ollama does.
      ["--concurrency", "1"],
      // Hot restart wants shared memory and a writable file system; a pod is replaced instead.
      ["--disable-hot-restart"],
      ["--log-level", "warn"],
      ["--file-flush-interval-msec", "250"],
      ["--drain-time-s", String(DRAIN_AT_LEAST)],
    ].flat(),
    env: [NO_GPU],
    ports: [
      { name: portName, containerPort: place.port, protocol: "TCP" },
      { name: "metrics", containerPort: place.metricsPort, protocol: "TCP" },
    ],
    // Through the gateway to the server behind it: Envoy's own readiness says nothing about either.
    readinessProbe: { ...httpProbe(HEALTH_PATH, portName), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...httpProbe("/ready", "metrics"), failureThreshold: 6 },
    lifecycle: { preStop: { exec: { command: drainCommand(place, drainAtMost) } } },
    resources: { requests: { cpu: args.cpu ?? "100m", memory }, limits: { memory } },
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: CONFIG_VOLUME, mountPath: place.archiveDirectory, readOnly: true },
      { name: RUN_VOLUME, mountPath: place.configDirectory },
      { name: POLICY_VOLUME, mountPath: place.policyDirectory, readOnly: true },
      ...(args.tokens === true ? [{ name: TOKENS_VOLUME, mountPath: place.tokensDirectory, readOnly: true }] : []),
      ...(args.tls === true
        ? [{ name: CERTIFICATE_VOLUME, mountPath: place.certificateDirectory, readOnly: true }]
        : []),
    ],
  };
}

/** Unpacks the gateway's files if they are the ones that the pod was made for, and becomes Envoy. */
export function startScript(archives: Record<string, string>, place: Placement): string {
  const sums = Object.entries(archives).map(([name, sha256]) => `${sha256}  ${name}`);
  return [
    "set -eu",
    `cd ${place.archiveDirectory}`,
    `echo '${sums.join("\n")}' | sha256sum --check --quiet`,
    ...Object.keys(archives).map((name) => `tar -xzf ${name} -C ${place.configDirectory}`),
    'exec envoy "$@"',
  ].join("\n");
}

/** Name of the gateway's port, by what it speaks. */
export function gatewayPortName(tls: boolean): "http" | "https" {
  return tls ? "https" : "http";
}

/** Command that drains the gateway: shortly against new requests, then until the last one has ended or time is up. */
export function drainCommand(place: Placement, atMostSeconds: number, atLeastSeconds = DRAIN_AT_LEAST): string[] {
  const script = `${place.configDirectory}/${DRAIN_SCRIPT}`;
  return ["/bin/bash", script, String(place.adminPort), String(atLeastSeconds), String(atMostSeconds)];
}

function httpProbe(path: string, port: string): Probe {
  // The kubelet asks for no certificate it could trust: it only wants to know whether someone answers.
  const scheme = port === gatewayPortName(true) ? { scheme: "HTTPS" } : {};
  return { httpGet: { path, port, ...scheme }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 };
}

/** The Ollama server as a native sidecar on the loopback address. */
export function ollamaSidecar(args: OllamaSidecarArgs, place: Placement = POD_PLACEMENT): Container {
  const address = `${LOOPBACK}:${place.ollamaPort}`;
  // The kubelet's HTTP probes come to the pod's address, where Ollama does not listen: Ollama asks itself.
  const alive = { exec: { command: ["ollama", "list"] }, timeoutSeconds: 10 };
  return {
    name: OLLAMA_CONTAINER,
    image: args.image,
    args: ["serve"],
    restartPolicy: "Always",
    env: Object.entries(ollamaEnvironment(args, address)).map(([name, value]) => ({ name, value })),
    startupProbe: { ...alive, periodSeconds: 2, failureThreshold: 150 },
    livenessProbe: { ...alive, periodSeconds: 30, failureThreshold: 5 },
    resources: { requests: args.requests, limits: args.limits },
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: MODELS_VOLUME, mountPath: MODELS_DIRECTORY, readOnly: true },
      { name: SCRATCH_VOLUME, mountPath: OLLAMA_HOME, subPath: "home" },
      { name: SCRATCH_VOLUME, mountPath: "/tmp", subPath: "tmp" },
    ],
  };
}

function ollamaEnvironment(args: OllamaSidecarArgs, address: string): Record<string, string> {
  return {
    OLLAMA_HOST: address,
    HOME: OLLAMA_HOME,
    OLLAMA_MODELS: MODELS_DIRECTORY,
    // Prompts never leave the cluster, and a store that others read is not tidied up by one of its readers.
    OLLAMA_NO_CLOUD: "1",
    OLLAMA_REMOTES: "none.invalid",
    OLLAMA_NOPRUNE: "1",
    OLLAMA_CONTEXT_LENGTH: String(args.contextLength),
    OLLAMA_NUM_PARALLEL: String(args.parallelRequests),
    OLLAMA_KEEP_ALIVE: args.keepAlive,
    // Cached prompts of one client would shorten, and so betray, the same prompt of another.
    LLAMA_ARG_CACHE_RAM: "0",
    ...(!args.gpu && { [NO_GPU.name]: NO_GPU.value }),
  };
}
