import { OLLAMA_PORT } from "../gateway/placement";

export { METRICS_PORT } from "../gateway/placement";
/** Port of a server pod that clients reach: the gateway's. */
export { GATEWAY_PORT as SERVER_PORT } from "../gateway/placement";
/** Port of the service of shared limits. */
export const LIMITS_PORT = 8080;
/** Port of a tenant's Service: Ollama's own, so that clients need no other setting than a host. */
export const SERVICE_PORT = OLLAMA_PORT;
