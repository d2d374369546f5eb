/** Container images. Each must be pinned by tag and, outside the local cluster, by digest. */
export interface ImagesSpec {
  /** Ollama server. Default: `docker.io/ollama/ollama:0.17.4`. */
  ollama?: string;
  /** Envoy 1.38 or later, the gateway beside each server. Default: `docker.io/envoyproxy/envoy:v1.40.0`. */
  envoy?: string;
  /** Node.js of 22.21 or later, which runs the model loader. Default: `docker.io/library/node:22.23.3-bookworm-slim`. */
  modelLoader?: string;
}
