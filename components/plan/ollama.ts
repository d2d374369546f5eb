import { ollamaSidecar } from "../gateway/pod";
import { resourceAmounts } from "./amounts";
import { serverVariables } from "./environment-variables";
import type { Container } from "./kubernetes";
import { withReadiness } from "./readiness";
import type { Environment } from "../spec/environment";
import type { Tenant } from "../spec/tenant";

/** The container that runs Ollama: a sidecar of the gateway, which alone reaches it. */
export function ollamaContainer(tenant: Tenant, { images }: Environment): Container {
  const { server } = tenant;
  const amounts = ollamaAmounts(tenant);
  const sidecar = ollamaSidecar({
    image: images.ollama,
    // Requests equal limits: the pod is never throttled below what it was sized for, and is the last to be evicted.
    requests: amounts,
    limits: amounts,
    contextLength: server.contextLength,
    parallelRequests: server.parallelRequests,
    keepAlive: server.keepAlive,
    gpu: server.gpus > 0,
  });
  const container: Container = {
    ...sidecar,
    imagePullPolicy: "IfNotPresent",
    env: [...(sidecar.env ?? []), ...serverVariables(server)],
  };
  return withReadiness(container, tenant);
}

function ollamaAmounts({ server, nodePool }: Tenant): Record<string, string> {
  const gpus: Record<string, string> =
    server.gpus > 0 && nodePool?.gpu !== undefined ? { [nodePool.gpu.resource]: String(server.gpus) } : {};
  return { ...resourceAmounts(server), ...gpus };
}
