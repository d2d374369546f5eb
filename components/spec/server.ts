/** The tenant's Ollama server. */
export interface ServerSpec {
  /** Node pool that the server runs on. Default: nodes without a pool taint. */
  nodePool?: string;
  /** GPUs or MIG slices of one replica; needs a pool with GPUs. Default: 0, the model runs on the CPU. */
  gpus?: number;
  /** CPU request of one replica as a quantity. Default: computed from the models. */
  cpu?: string;
  /** Memory request and limit of one replica as a quantity. Default: computed from the models. */
  memory?: string;
  /** Ephemeral storage of one replica as a quantity. Default: `2Gi`. */
  ephemeralStorage?: string;
  /** Context length in tokens that the server is started with. Default: 4096, at most the longest of its models. */
  contextLength?: number;
  /** Requests that one replica answers at a time. Default: 1. */
  parallelRequests?: number;
  /** How long a model stays loaded after a request, as a duration. Default: `30m`. */
  keepAlive?: string;
  /** Encrypts what clients send and get. Default: plain HTTP. */
  tls?: ServerTlsSpec;
}

/** TLS of a tenant's server. Clients then use `https`, and plain HTTP is refused. */
export interface ServerTlsSpec {
  /** Secret of type `kubernetes.io/tls` in the tenant's namespace, which somebody else keeps, for example cert-manager. */
  secretName: string;
}
