import { restrictedPod } from "../../gateway/pod";
import { gatewayOf, gatewayVolumes, type StartFiles } from "./gateway";
import { podClaims } from "../device-claims";
import type { PodSpec } from "../kubernetes";
import { serverSelector } from "../labels";
import { TENANT_OBJECT, tenantPriorityClass } from "../../spec/names";
import { ollamaContainer } from "./ollama";
import { planPlacement } from "./placement";
import { imagePullSecrets } from "../tenant/pull-secret";
import type { Environment } from "../../spec/environment";
import { TERMINATION_GRACE_SECONDS } from "../../spec/replica";
import type { Tenant } from "../../spec/tenant";
import { serverVolumes } from "./volumes";

/** The pod of a tenant's server. */
export function serverPod(tenant: Tenant, environment: Environment, files: StartFiles): PodSpec {
  return {
    serviceAccountName: TENANT_OBJECT.server,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...imagePullSecrets(environment),
    priorityClassName: tenantPriorityClass(tenant.name),
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    securityContext: restrictedPod(),
    ...planPlacement(tenant, environment.cluster),
    ...podClaims(tenant),
    topologySpreadConstraints: spread(tenant),
    // Ollama is a sidecar, so that it starts before its gateway and stops after it.
    initContainers: [ollamaContainer(tenant, environment)],
    containers: [gatewayOf(tenant, TERMINATION_GRACE_SECONDS, environment, files)],
    volumes: [...serverVolumes(tenant, environment), ...gatewayVolumes(tenant, files)],
  };
}

/** Replicas on different nodes and zones where there are such; one that cannot be spread still runs. */
function spread(tenant: Tenant): PodSpec["topologySpreadConstraints"] {
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: serverSelector(tenant) },
    matchLabelKeys: ["pod-template-hash"],
  }));
}
