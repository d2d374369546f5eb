import * as assert from "node:assert/strict";
import type {
  ConfigMap,
  Container,
  Deployment,
  HorizontalPodAutoscaler,
  PodDisruptionBudget,
  PodSpec,
  Service,
} from "../../../components/plan/kubernetes";
import { parseBytes } from "../../../components/models/quantity";
import type { TenantPlan } from "../../../components/plan/tenant";
import { changed, faultsOf, find, namesOf, planOf, planWith, platform } from "./fixture";

function deployment(plan: TenantPlan): Deployment["spec"] {
  return find<Deployment>(plan, "Deployment", "ollama").spec;
}

function pod(plan: TenantPlan): PodSpec {
  const spec = deployment(plan).template.spec;
  assert.ok(spec);
  return spec;
}

/** The Ollama container. */
function container(plan: TenantPlan): Container {
  const [first] = pod(plan).initContainers ?? [];
  assert.ok(first);
  return first;
}

/** The gateway's container. */
function gateway(plan: TenantPlan): Container {
  const [first, ...others] = pod(plan).containers;
  assert.ok(first && others.length === 0);
  return first;
}

function environmentOf(plan: TenantPlan): Record<string, string | undefined> {
  return Object.fromEntries((container(plan).env ?? []).map(({ name, value }) => [name, value]));
}

describe("Server pod of a tenant", () => {
  it("meets the Pod Security Standard restricted with a read-only root filesystem", () => {
    const plan = planOf("hr");
    assert.equal(pod(plan).securityContext?.runAsNonRoot, true);
    assert.ok((pod(plan).securityContext?.runAsUser ?? 0) > 0);
    assert.equal(pod(plan).securityContext?.seccompProfile?.type, "RuntimeDefault");
    for (const { securityContext } of [container(plan), gateway(plan)]) {
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      });
    }
    assert.equal(pod(plan).automountServiceAccountToken, false);
    assert.equal(pod(plan).hostNetwork ?? pod(plan).hostPID ?? pod(plan).hostIPC, undefined);
  });

  it("writes only to bounded scratch volumes", () => {
    const plan = planOf("hr");
    const { HOME, OLLAMA_MODELS } = environmentOf(plan);
    const written = [container(plan), gateway(plan)].flatMap(({ volumeMounts = [] }) =>
      volumeMounts.filter(({ readOnly }) => readOnly !== true),
    );
    assert.deepEqual(written.map(({ mountPath }) => mountPath).sort(), [HOME, "/run/gateway", "/tmp"].sort());
    assert.ok(container(plan).volumeMounts?.some(({ mountPath }) => mountPath === OLLAMA_MODELS));
    const volumes = pod(plan).volumes ?? [];
    for (const { name } of written) assert.ok(volumes.find((volume) => volume.name === name)?.emptyDir?.sizeLimit);
  });

  it("lets nothing but its gateway be reached: Ollama has no port and listens on the loopback address", () => {
    const plan = planOf("hr");
    assert.equal(container(plan).ports, undefined);
    assert.match(environmentOf(plan)["OLLAMA_HOST"] ?? "", /^127\.0\.0\.1:/);
    assert.deepEqual(
      gateway(plan).ports?.map(({ containerPort }) => containerPort),
      [8080, 9090],
    );
  });

  it("starts Ollama before its gateway and stops it after", () =>
    assert.equal(container(planOf("hr")).restartPolicy, "Always"));

  it("has scratch volumes that together fit its ephemeral storage", () => {
    const plan = planOf("hr");
    const sizes =
      pod(plan).volumes?.flatMap(({ emptyDir }) => (emptyDir ? parseBytes(emptyDir.sizeLimit ?? "") : [])) ?? [];
    const limit = parseBytes(container(plan).resources?.limits?.["ephemeral-storage"] ?? "");
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= limit);
  });

  it("sees no GPU without requesting one, whatever the image asks for", () => {
    assert.equal(environmentOf(planOf("hr"))["NVIDIA_VISIBLE_DEVICES"], "void");
    assert.equal(environmentOf(planOf("finance"))["NVIDIA_VISIBLE_DEVICES"], undefined);
    assert.equal(container(planOf("finance")).resources?.limits?.["nvidia.com/gpu"], "1");
    assert.equal(container(planOf("legal")).resources?.limits?.["nvidia.com/mig-1g.10gb"], "1");
    assert.ok(!Object.keys(container(planOf("hr")).resources?.limits ?? {}).some((name) => name.includes("/")));
  });

  it("starts Ollama without cloud, pruning, body logging, and with everything set that depends on the machine", () => {
    const environment = environmentOf(planOf("hr"));
    assert.equal(environment["OLLAMA_NO_CLOUD"], "1");
    assert.equal(environment["OLLAMA_NOPRUNE"], "1");
    assert.equal(environment["OLLAMA_DEBUG_LOG_REQUESTS"], "0");
    assert.equal(environment["OLLAMA_CONTEXT_LENGTH"], "4096");
    assert.equal(environment["OLLAMA_MAX_LOADED_MODELS"], "1");
    assert.match(environment["OLLAMA_REMOTES"] ?? "", /\.invalid$/);
  });

  it("is ready when the gateway's data port leads to a server that answers", () => {
    const { readinessProbe, ports } = gateway(planOf("hr"));
    assert.equal(readinessProbe?.httpGet?.path, "/healthz");
    const probed = ports?.find(({ name }) => name === readinessProbe?.httpGet?.port);
    assert.equal(probed?.containerPort, 8080);
  });

  it("drains before it ends, within its grace period", () => {
    const drain = Number(gateway(planOf("hr")).lifecycle?.preStop?.exec?.command?.at(-1));
    assert.ok(drain > 0 && drain < (pod(planOf("hr")).terminationGracePeriodSeconds ?? 0));
  });

  it("mounts the gateway's start-up files by a name that changes with them, and its policy by one that does not", () => {
    const volume = (plan: TenantPlan, name: string) => pod(plan).volumes?.find((candidate) => candidate.name === name);
    const other = planWith("hr", (tenant) => {
      tenant.server = { parallelRequests: 4 };
    });
    for (const plan of [planOf("hr"), other]) {
      const mounted = volume(plan, "gateway-config")?.configMap?.name ?? "";
      assert.equal(find<ConfigMap>(plan, "ConfigMap", mounted).immutable, true);
      assert.equal(volume(plan, "gateway-policy")?.secret?.secretName, "gateway-policy");
    }
    assert.notDeepEqual(volume(other, "gateway-config"), volume(planOf("hr"), "gateway-config"));
  });

  it("goes to its own pool and nowhere else", () => {
    const { nodeSelector, tolerations } = pod(planOf("finance"));
    assert.deepEqual(nodeSelector, { "node-restriction.kubernetes.io/ollama-pool": "finance-gpu" });
    assert.deepEqual(tolerations, [
      {
        key: "node-restriction.kubernetes.io/ollama-pool",
        operator: "Equal",
        value: "finance-gpu",
        effect: "NoSchedule",
      },
    ]);
  });

  it("tolerates no taint without a pool", () => {
    assert.deepEqual([pod(planOf("hr")).nodeSelector, pod(planOf("hr")).tolerations], [undefined, undefined]);
  });

  it("runs under the sandbox at isolation level sandboxed, and only there", () => {
    const spec = changed("finance", (tenant) => {
      tenant.isolationLevel = "sandboxed";
    });
    spec.cluster = { sandboxRuntimeClass: "gvisor" };
    assert.equal(pod(planOf("finance", spec)).runtimeClassName, "gvisor");
    assert.equal(pod(planOf("hr", spec)).runtimeClassName, undefined);
  });

  it("has requests equal to limits", () => {
    for (const { resources } of [container(planOf("finance")), gateway(planOf("finance"))]) {
      assert.ok(resources?.requests?.["cpu"]);
      assert.deepEqual(resources.requests, resources.limits);
    }
  });

  for (const image of [
    "ollama/ollama:0.17.4",
    "docker.io/ollama/ollama",
    "docker.io/ollama/ollama:latest",
    "docker.io/ollama/ollama@sha256:12",
  ]) {
    it(`is not made from the image ${image}, which is not pinned to one registry and version`, () => {
      const spec = platform();
      spec.images = { ollama: image };
      assert.match(
        faultsOf(spec).join(),
        /images\.ollama: .*(does not name its registry|has no tag|moves|is not the reference)/,
      );
    });
  }

  it("is made from an image pinned by tag and digest", () => {
    const spec = platform();
    const image = `registry.example.com:5000/ollama:0.17.4@sha256:${"a".repeat(64)}`;
    spec.images = { ollama: image };
    assert.equal(container(planOf("hr", spec)).image, image);
  });
});

describe("Deployment, Service, autoscaler and disruption budget of a tenant", () => {
  it("leave the number of replicas to the autoscaler", () => {
    assert.ok(!("replicas" in deployment(planOf("hr"))));
    const autoscaler = find<HorizontalPodAutoscaler>(planOf("hr"), "HorizontalPodAutoscaler", "ollama").spec;
    assert.deepEqual([autoscaler.minReplicas, autoscaler.maxReplicas], [1, 3]);
    assert.deepEqual(autoscaler.scaleTargetRef, { apiVersion: "apps/v1", kind: "Deployment", name: "ollama" });
  });

  it("scale by CPU without a GPU and by requests in flight with one", () => {
    const metrics = (tenant: string) =>
      find<HorizontalPodAutoscaler>(planOf(tenant), "HorizontalPodAutoscaler", "ollama").spec.metrics;
    assert.deepEqual(metrics("hr"), [
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "ollama",
          target: { type: "Utilization", averageUtilization: 70 },
        },
      },
    ]);
    assert.deepEqual(metrics("finance"), [
      {
        type: "Pods",
        pods: { metric: { name: "ollama_requests_in_flight" }, target: { type: "AverageValue", averageValue: "1" } },
      },
    ]);
  });

  it("select exactly the tenant's server pods", () => {
    const plan = planOf("hr");
    const selector = { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": "hr" };
    assert.deepEqual(deployment(plan).selector, { matchLabels: selector });
    assert.deepEqual(find<Service>(plan, "Service", "ollama").spec.selector, selector);
    const budget = find<PodDisruptionBudget>(plan, "PodDisruptionBudget", "ollama").spec;
    assert.deepEqual(budget.selector, { matchLabels: selector });
    const labels = deployment(plan).template.metadata?.labels ?? {};
    for (const [key, value] of Object.entries(selector)) assert.equal(labels[key], value);
  });

  it("start the new replica first only where the quota has room for it at the autoscaler's maximum", () => {
    assert.deepEqual(deployment(planOf("hr")).strategy?.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 });
    assert.deepEqual(deployment(planOf("finance")).strategy?.rollingUpdate, { maxSurge: 0, maxUnavailable: 1 });
  });

  it("stay inside the cluster", () =>
    assert.equal(find<Service>(planOf("hr"), "Service", "ollama").spec.type, "ClusterIP"));

  it("lead from Ollama's usual port to the gateway", () => {
    const [port] = find<Service>(planOf("hr"), "Service", "ollama").spec.ports ?? [];
    assert.deepEqual([port?.port, port?.targetPort], [11434, 8080]);
  });

  it("are at zero without an autoscaler, and not waited for, in a suspended tenant", () => {
    const plan = planWith("hr", (tenant) => {
      tenant.suspended = true;
    });
    assert.equal(deployment(plan).replicas, 0);
    assert.deepEqual(namesOf(plan, "HorizontalPodAutoscaler"), []);
    const { annotations } = find<Service>(plan, "Service", "ollama").metadata;
    assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
  });

  it("are waited for in every other tenant", () => {
    for (const kind of ["Service", "Deployment"]) {
      assert.equal(find(planOf("hr"), kind, "ollama").metadata.annotations, undefined);
    }
  });
});
