/** Names under which images are made for the real node. Those of the product are the very names that its specifications default to. */

export const ollamaImage = "docker.io/ollama/ollama:0.17.4";
export const envoyImage = "docker.io/envoyproxy/envoy:v1.40.0";
/** Node.js, for the loader of models. */
export const nodeJsImage = "docker.io/library/node:22.23.3-bookworm-slim";

export const coreDnsImage = "docker.io/coredns/coredns:1.15.0";

/** Holds the namespaces of a pod. */
export const pauseImage = "localhost/pause:1";

/** The probe program, for tests: serves ports and tries connections. */
export const probeImage = "localhost/probe:1";
