import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
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
import type { TenantPlan } from "../../../components/plan/tenant/tenant";
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
    assert.match(environment["OLLAMA_REMOTES"] ?? "", /\.invalid$/);
  });

  it("runs as many threads as its CPU limit has whole cores, and one at least", () => {
    for (const [cpu, threads] of [
      ["4", "4"],
      ["2500m", "2"],
      ["500m", "1"],
    ]) {
      const plan = planWith("hr", (tenant) => {
        tenant.server = { cpu };
      });
      assert.equal(environmentOf(plan)["LLAMA_ARG_THREADS"], threads, cpu);
    }
  });

  it("keeps a model that answers and one that embeds loaded at the same time, where both fit", () => {
    // 24 GiB hold llama3.1:8b and nomic-embed-text together.
    assert.equal(environmentOf(planOf("finance"))["OLLAMA_MAX_LOADED_MODELS"], "2");
    const small = platform();
    small.nodePools?.forEach((pool) => pool.gpu && pool.name === "finance-gpu" && (pool.gpu.memoryGiB = 8));
    assert.equal(environmentOf(planOf("finance", small))["OLLAMA_MAX_LOADED_MODELS"], "1");
    const declared = planWith("finance", (tenant) => {
      tenant.server = { ...tenant.server, loadedModels: 1 };
    });
    assert.equal(environmentOf(declared)["OLLAMA_MAX_LOADED_MODELS"], "1");
  });

  it("keeps keys and values in the type that is declared, with the flash attention that it needs, and is sized by it", () => {
    const withCache = (kvCacheType?: string) =>
      planWith("hr", (tenant) => {
        tenant.server = { contextLength: 131072, kvCacheType };
      });
    assert.equal(environmentOf(withCache())["OLLAMA_KV_CACHE_TYPE"], undefined);
    assert.equal(environmentOf(withCache("q8_0"))["OLLAMA_KV_CACHE_TYPE"], "q8_0");
    assert.equal(environmentOf(withCache("q8_0"))["OLLAMA_FLASH_ATTENTION"], "1");
    const memory = (plan: TenantPlan) => parseBytes(container(plan).resources?.limits?.["memory"] ?? "");
    assert.ok(memory(withCache("q8_0")) < memory(withCache()));
    assert.ok(memory(withCache("q4_0")) < memory(withCache("q8_0")));
  });

  describe("is ready, as its container's probe finds on a real store,", () => {
    const scratch = mkdtempSync(path.join(tmpdir(), "ollama-readiness-"));
    after(() => rmSync(scratch, { recursive: true, force: true }));
    const { data } = find<ConfigMap>(planOf("finance"), "ConfigMap", "model-files");
    const manifests = (data?.["manifests"] ?? "").trim().split("\n");

    /** The probe's verdict on a store with these manifests, and with the marks that the container has already. */
    function probe(stored: string[], marks: string[] = [], preload = ""): boolean {
      const place = mkdtempSync(path.join(scratch, "store-"));
      for (const file of stored) {
        mkdirSync(path.join(place, "manifests", path.dirname(file)), { recursive: true });
        writeFileSync(path.join(place, "manifests", file), "{}");
      }
      writeFileSync(path.join(place, "list"), data?.["manifests"] ?? "");
      writeFileSync(path.join(place, "preload"), preload);
      for (const mark of marks) writeFileSync(path.join(place, mark), "");
      const [, , script = ""] = container(planOf("finance")).readinessProbe?.exec?.command ?? [];
      const here = script
        .replaceAll("/tmp/has-", path.join(place, "has-"))
        .replaceAll("/etc/model-files/manifests", path.join(place, "list"))
        .replaceAll("/etc/model-files/preload", path.join(place, "preload"));
      return spawnSync("/bin/sh", ["-c", here], { env: { OLLAMA_MODELS: place } }).status === 0;
    }

    it("with every model of the tenant in its store", () => {
      assert.deepEqual(manifests, [
        "registry.ollama.ai/library/llama3.1/8b",
        "registry.ollama.ai/library/nomic-embed-text/latest",
      ]);
      assert.equal(probe(manifests), true);
    });

    it("and not with an empty store, nor with some of the models", () => {
      assert.equal(probe([]), false);
      assert.equal(probe(manifests.slice(0, 1)), false);
    });

    it("and stays so while models change, as long as it has one", () => {
      assert.equal(probe(manifests.slice(0, 1), ["has-served"]), true);
      assert.equal(probe([], ["has-served"]), false);
    });

    it("and not before its models are loaded, where that is asked for", () => {
      assert.equal(probe(manifests, [], "llama3.1:8b\n"), false);
      assert.equal(probe(manifests, ["has-preloaded"], "llama3.1:8b\n"), true);
    });
  });

  it("loads its models beforehand where that is asked for: one that answers, and those that embed", () => {
    const plan = planWith("finance", (tenant) => {
      tenant.server = { ...tenant.server, preload: true };
    });
    assert.equal(
      find<ConfigMap>(plan, "ConfigMap", "model-files").data?.["preload"],
      "registry.ollama.ai/library/llama3.1:8b\nregistry.ollama.ai/library/nomic-embed-text:latest .\n",
    );
    assert.match(container(plan).lifecycle?.postStart?.exec?.command?.at(-1) ?? "", /ollama run/);
    assert.equal(container(planOf("finance")).lifecycle, undefined);
    assert.equal(find<ConfigMap>(planOf("finance"), "ConfigMap", "model-files").data?.["preload"], "");
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

  it("are at zero without an autoscaler in a suspended tenant", () => {
    const plan = planWith("hr", (tenant) => {
      tenant.suspended = true;
    });
    assert.equal(deployment(plan).replicas, 0);
    assert.deepEqual(namesOf(plan, "HorizontalPodAutoscaler"), []);
  });

  it("are waited for by their Deployment, and not a second time by the Service's endpoints", () => {
    assert.equal(find(planOf("hr"), "Deployment", "ollama").metadata.annotations, undefined);
    const { annotations } = find<Service>(planOf("hr"), "Service", "ollama").metadata;
    assert.deepEqual(annotations, { "pulumi.com/skipAwait": "true" });
  });
});
