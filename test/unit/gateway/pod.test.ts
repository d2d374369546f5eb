import { deepEqual, equal, ok } from "node:assert/strict";
import { gatewayContainer, ollamaSidecar } from "../../../components/gateway";

const door = gatewayContainer({
  image: "envoy:v1.40.0",
  archives: { "program.tar.gz": "ab12", "config.tar.gz": "cd34" },
  terminationGracePeriodSeconds: 120,
});
const ollama = ollamaSidecar({
  image: "ollama:0.17.4",
  requests: { cpu: "2", memory: "4Gi" },
  limits: { memory: "4Gi" },
  contextLength: 4096,
  parallelRequests: 2,
  keepAlive: "30m",
  gpu: false,
});
const variable = (name: string) => ollama.env?.find((entry) => entry.name === name)?.value;

describe("the gateway's pod", () => {
  it("keeps both containers within the restricted profile, with a read-only root", () => {
    for (const { securityContext } of [door, ollama]) {
      ok(
        securityContext.runAsNonRoot &&
          securityContext.readOnlyRootFilesystem &&
          !securityContext.allowPrivilegeEscalation,
      );
      deepEqual(securityContext.capabilities, { drop: ["ALL"] });
      equal(securityContext.seccompProfile.type, "RuntimeDefault");
    }
  });

  it("runs Ollama as a sidecar on the loopback address, where only the door reaches it", () => {
    equal(ollama.restartPolicy, "Always");
    equal(variable("OLLAMA_HOST"), "127.0.0.1:11434");
    equal(ollama.ports, undefined);
    ok(ollama.startupProbe?.exec && !ollama.startupProbe.httpGet);
  });

  it("probes readiness through the door to the server behind it", () => {
    deepEqual(door.readinessProbe?.httpGet, { path: "/healthz", port: "http" });
  });

  it("drains before it stops, within the grace period", () => {
    const command = door.lifecycle?.preStop.exec.command ?? [];
    deepEqual(command, ["/bin/bash", "/run/gateway/drain.sh", "9901", "5", "105"]);
  });

  it("keeps prompts in the cluster, models where they are and other tenants' GPUs away", () => {
    deepEqual(["OLLAMA_NO_CLOUD", "OLLAMA_NOPRUNE", "NVIDIA_VISIBLE_DEVICES"].map(variable), ["1", "1", "void"]);
    ok(ollama.volumeMounts.find((mount) => mount.name === "models")?.readOnly);
  });
});
