/** How the monitor runs: one container of the public Node.js image, which unpacks its program from a ConfigMap. */
import { MIB } from "../../models/quantity";
import { containerSecurity, NO_GPU, RUN_AS } from "../../gateway/pod";
import type { Monitor } from "../../spec/monitor";
import { resourceAmounts } from "../amounts";
import type { Container, PodSpec } from "../kubernetes";
import { METRICS_PORT } from "../ports";
import { MONITOR_OBJECT } from "./names";

/** What the monitor takes; measured with 300 tenants by `bench/monitor`. */
export const MONITOR_AMOUNTS = {
  cpuMillis: 1000,
  memoryBytes: 384 * MIB,
  ephemeralStorageBytes: 64 * MIB,
};
/**
 * Limits of Node's own heap in MiB, below the container's: the rest is for what is not in it. A larger space for new objects
 * saves time and costs three times its size of room.
 */
export const NODE_FLAGS = ["--max-old-space-size=176", "--max-semi-space-size=8"];

/** File in the ConfigMap with the program. */
export const PROGRAM_FILE = "monitor.cjs.gz";
/** File in the ConfigMap with the declaration. */
export const DECLARATION_FILE = "declaration.json.gz";

const PROGRAM = "/program";
const DECLARATION = "/declaration";
const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
/** Seconds that a token of the account is good for; the kubelet renews it long before. */
const TOKEN_SECONDS = 3600;

/** Unpacks the program and runs it. */
const START =
  `const text = require("zlib").gunzipSync(require("fs").readFileSync("${PROGRAM}/${PROGRAM_FILE}")).toString();` +
  `const program = new (require("module"))("${PROGRAM}/monitor.cjs");` +
  `program._compile(text, "${PROGRAM}/monitor.cjs");`;

/** The monitor's pod. */
export function monitorPod(image: string, monitor: Monitor, maps: { program: string; declaration: string }): PodSpec {
  return {
    serviceAccountName: MONITOR_OBJECT.monitor,
    // The token is mounted below by itself, for an hour and for nobody else.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    priorityClassName: MONITOR_OBJECT.cluster,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: RUN_AS,
      runAsGroup: RUN_AS,
      fsGroup: RUN_AS,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [container(image, monitor)],
    volumes: [
      { name: "program", configMap: { name: maps.program } },
      { name: "declaration", configMap: { name: maps.declaration } },
      {
        name: "account",
        projected: {
          defaultMode: 0o440,
          sources: [
            { serviceAccountToken: { path: "token", expirationSeconds: TOKEN_SECONDS } },
            { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          ],
        },
      },
    ],
  };
}

function container(image: string, { intervalSeconds }: Monitor): Container {
  const amounts = resourceAmounts(MONITOR_AMOUNTS);
  const probe = (path: string) => ({ httpGet: { path, port: METRICS_PORT } });
  return {
    name: MONITOR_OBJECT.monitor,
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", ...NODE_FLAGS, "--eval", START, "--"],
    args: [
      "--declaration",
      `${DECLARATION}/${DECLARATION_FILE}`,
      "--interval",
      `${intervalSeconds}`,
      "--port",
      `${METRICS_PORT}`,
    ],
    env: [NO_GPU],
    ports: [{ name: "metrics", containerPort: METRICS_PORT, protocol: "TCP" }],
    resources: { requests: { ...amounts, cpu: "100m" }, limits: amounts },
    terminationMessagePolicy: "FallbackToLogsOnError",
    livenessProbe: { ...probe("/healthz"), periodSeconds: 20, failureThreshold: 6, timeoutSeconds: 10 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, timeoutSeconds: 10 },
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: "program", mountPath: PROGRAM, readOnly: true },
      { name: "declaration", mountPath: DECLARATION, readOnly: true },
      { name: "account", mountPath: ACCOUNT, readOnly: true },
    ],
  };
}
