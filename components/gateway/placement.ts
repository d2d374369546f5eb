/** Where a gateway runs: addresses, ports and folders. In the pod they are fixed; tests run several on one machine. */

/** Port of the gateway, on every address of the pod. */
export const GATEWAY_PORT = 8080;
/** Port of the metrics, on every address of the pod. */
export const METRICS_PORT = 9090;
/** Port of the Ollama server behind the gateway, on the loopback address. */
export const OLLAMA_PORT = 11434;
/** Port of Envoy's administration interface, on the loopback address. */
export const ADMIN_PORT = 9901;
/** Address on which only containers of the same pod can be reached. */
export const LOOPBACK = "127.0.0.1";
/** Path that answers without a key when the gateway and the server behind it work. */
export const HEALTH_PATH = "/healthz";
/** Path of the Ollama server that health checks end at; it needs neither a model nor the disk. */
export const HEALTH_UPSTREAM_PATH = "/api/version";
/** Path of the metrics on the metrics port. */
export const METRICS_PATH = "/stats/prometheus";
/** Archive with the files of `GatewayFiles.program`, in the archive folder. */
export const PROGRAM_ARCHIVE = "program.tar.gz";
/** Archive with the files of `GatewayFiles.config`, in the archive folder. */
export const CONFIG_ARCHIVE = "config.tar.gz";
/** File with Envoy's start-up configuration, in the config folder. */
export const BOOTSTRAP_FILE = "bootstrap.json";
/** File that Envoy's Lua filter loads, in the config folder; it is also the module among the guard's that is run. */
export const GUARD_FILE = "main.lua";
/** File with the routes, the models and the key hashes, in the policy folder. Envoy follows its changes. */
export const POLICY_FILE = "routes.json";
/** File with what makes a ServiceAccount's token valid, in the tokens folder. Envoy follows its changes. */
export const TOKENS_FILE = "tokens.json";
/** File that tells Envoy where the gateway's certificate is, in the config folder. */
export const CERTIFICATE_SOURCE_FILE = "certificate.json";
/** Certificate chain of the gateway, in the certificate folder, named as Secrets of type `kubernetes.io/tls` name it. */
export const CERTIFICATE_FILE = "tls.crt";
/** Private key of the gateway, in the certificate folder. */
export const CERTIFICATE_KEY_FILE = "tls.key";
/** Script that drains the gateway before the container ends, in the config folder. */
export const DRAIN_SCRIPT = "drain.sh";

/** Where a gateway runs. */
export interface Placement {
  /** Address that the gateway and the metrics listen on. */
  address: string;
  /** Port of the gateway. */
  port: number;
  /** Port of the metrics. */
  metricsPort: number;
  /** Port of Envoy's administration interface on the loopback address. */
  adminPort: number;
  /** Port of the Ollama server on the loopback address. */
  ollamaPort: number;
  /** Folder with the archives of the gateway's files. */
  archiveDirectory: string;
  /** Folder with the files of `GatewayFiles.program` and `GatewayFiles.config`, unpacked. */
  configDirectory: string;
  /** Folder with the files of `GatewayFiles.secrets`. */
  policyDirectory: string;
  /** Folder with the file of `GatewayFiles.tokens`, of a gateway that accepts ServiceAccount tokens. */
  tokensDirectory: string;
  /** Folder with certificate and private key of a gateway that speaks TLS. Envoy follows its changes. */
  certificateDirectory: string;
}

/** Where a gateway runs in its pod. */
export const POD_PLACEMENT: Placement = {
  address: "0.0.0.0",
  port: GATEWAY_PORT,
  metricsPort: METRICS_PORT,
  adminPort: ADMIN_PORT,
  ollamaPort: OLLAMA_PORT,
  archiveDirectory: "/etc/gateway/archive",
  configDirectory: "/run/gateway",
  policyDirectory: "/etc/gateway/policy",
  tokensDirectory: "/etc/gateway/tokens",
  certificateDirectory: "/etc/gateway/certificate",
};
