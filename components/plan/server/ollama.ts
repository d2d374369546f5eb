import { ollamaSidecar } from "../../gateway/pod";
import { resourceAmounts } from "../amounts";
import { withDevices } from "../device-claims";
import { serverVariables } from "./environment-variables";
import type { Container } from "../kubernetes";
import { withReadiness } from "./readiness";
import type { Environment } from "../../spec/environment";
import type { Tenant } from "../../spec/tenant";

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
    // Devices of claims are put into the container without the variable that device plugins set.
    gpu: gpuRequest(tenant) !== undefined,
  });
  const container: Container = {
    ...sidecar,
    imagePullPolicy: "IfNotPresent",
    env: [...(sidecar.env ?? []), ...serverVariables(server)],
  };
  return withReadiness(withDevices(container, tenant), tenant);
}

function ollamaAmounts(tenant: Tenant): Record<string, string> {
  return { ...resourceAmounts(tenant.server), ...gpuRequest(tenant) };
}

/** GPUs as an extended resource; absent where there are none, and where the pod claims devices. */
function gpuRequest({ server, nodePool }: Tenant): Record<string, string> | undefined {
  const resource = nodePool?.gpu?.resource;
  return server.gpus > 0 && resource !== undefined ? { [resource]: String(server.gpus) } : undefined;
}
