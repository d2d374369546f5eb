import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { DeclarationError, type LocatedFault } from "../../../components/spec/fault";
import { loadStackFile } from "../../../components/config/load";
import type { PlatformSpec } from "../../../components/spec/index";
import { yamlText, type YamlDocument } from "../../support/project";
import { assertParity, type Files } from "../spec/support/entries";
import { assertWhole } from "../spec/support/whole";

export type { Files } from "../spec/support/entries";

/** An environment without fault: each test breaks one thing in it. */
export function compliant(): Files {
  return {
    config: {
      cluster: { nodeCidrs: ["192.168.0.0/24"], sandboxRuntimeClass: "gvisor" },
      images: { ollama: "docker.io/ollama/ollama:0.17.4" },
      nodePools: [
        {
          name: "finance-gpu",
          backend: "karpenter-kwok",
          tenancy: "dedicated",
          tenant: "finance",
          gpu: { memoryGiB: 24, countPerNode: 2 },
          limits: { cpu: "64", memory: "256Gi", gpus: 4 },
          requirements: [{ key: "node.kubernetes.io/instance-type", operator: "In", values: ["l4-4"] }],
        },
        {
          name: "slices",
          backend: "existing",
          tenancy: "shared",
          gpu: { resource: "nvidia.com/mig-1g.10gb", memoryGiB: 10, countPerNode: 7 },
          limits: { cpu: "64", memory: "256Gi", gpus: 7 },
        },
        { name: "plain", backend: "karpenter-kwok", tenancy: "shared", limits: { cpu: "64", memory: "256Gi" } },
      ],
      models: [{ name: "llama3.1:8b" }, { name: "mistral:7b" }, { name: "qwen2.5:0.5b" }],
      tenants: "tenants/test",
    },
    tenants: {
      finance: tenant("finance", {
        isolationLevel: "dedicated-nodes",
        models: { allow: ["llama3.1:8b", "mistral:7b"], deny: ["qwen2.5:0.5b"] },
        server: { nodePool: "finance-gpu", gpus: 1, cpu: "4", memory: "16Gi", ephemeralStorage: "4Gi" },
        autoscaling: { minReplicas: 1, maxReplicas: 2, targetRequestsInFlight: 2 },
        quota: { cpu: "16", memory: "64Gi", ephemeralStorage: "20Gi", gpus: 2, storage: "100Gi", pods: 6 },
        access: { viewers: ["finance-analysts"], operators: ["finance-operators"] },
        network: {
          ingressFrom: [{ namespace: "finance-apps", podLabels: { "app.kubernetes.io/name": "ledger" } }],
          egressTo: [{ cidr: "203.0.113.0/24", ports: [{ port: 443 }] }],
        },
      }),
      hr: tenant("hr", {
        models: { allow: ["qwen2.5:0.5b"] },
        server: { cpu: "2", memory: "4Gi" },
        autoscaling: { minReplicas: 1, maxReplicas: 3, targetCpuPercent: 70 },
        quota: "auto",
      }),
    },
  };
}

/** A tenant file. */
export function tenant(name: string, spec: YamlDocument): YamlDocument {
  return { apiVersion: "ollama-platform.io/v1", kind: "Tenant", metadata: { name }, spec };
}

/** Runs `use` on a project folder with the given files, and removes the folder afterwards. */
export function withProject<T>(files: Files, use: (root: string) => T): T {
  const root = mkdtempSync(path.join(tmpdir(), "config-"));
  try {
    const config = Object.entries(files.config).map(([key, value]) => [`ollama-platform:${key}`, value]);
    write(root, "Pulumi.test.yaml", yamlText({ config: Object.fromEntries(config) }));
    for (const [name, content] of Object.entries(files.tenants)) {
      write(root, `tenants/test/${name}.yaml`, yamlText(content));
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Writes a file of a project; missing folders are made. */
export function write(root: string, file: string, content: string | Uint8Array): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), content);
}

/** Loads the stack file of a project folder. */
export function load(root: string): PlatformSpec {
  return loadStackFile(path.join(root, "Pulumi.test.yaml"));
}

/** The faults that loading reports; none when it succeeds. */
export function faultsIn(root: string): readonly LocatedFault[] {
  try {
    load(root);
    return [];
  } catch (error) {
    if (!(error instanceof DeclarationError)) throw error;
    return error.faults;
  }
}

/** The faults of the compliant environment after a change, which are those of the same arguments of a component too. */
export function faultsAfter(change: (files: Files) => void): readonly LocatedFault[] {
  const files = compliant();
  change(files);
  const faults = withProject(files, faultsIn);
  for (const fault of assertParity(files, faults)) assertWhole(fault);
  return faults;
}

/** The place of a fault as messages write it. */
export function placeOf({ file, path: way }: LocatedFault): string {
  return way === "" ? file : `${file}: ${way}`;
}

/** Asserts that a change causes exactly one fault, at a place, whose message says what is expected. */
export function assertFault(change: (files: Files) => void, place: string, problem: RegExp, fix?: RegExp): void {
  assertOneFault(faultsAfter(change), place, problem, fix);
}

/** The same for faults that are there already. */
export function assertOneFault(faults: readonly LocatedFault[], place: string, problem: RegExp, fix?: RegExp): void {
  assert.deepEqual(faults.map(placeOf), [place]);
  const [fault] = faults;
  assert.match(fault?.problem ?? "", problem);
  assert.ok((fault?.fix ?? "") !== "", "every fault says what to do");
  if (fix !== undefined) assert.match(fault?.fix ?? "", fix);
}

/** Ways to the values of Pulumi.test.yaml and of tenant files, as messages write them. */
export const stackPlace = (way: string) => `Pulumi.test.yaml: config.ollama-platform:${way}`;
export const financePlace = (way: string) => `tenants/test/finance.yaml: spec.${way}`;
export const hrPlace = (way: string) => `tenants/test/hr.yaml: spec.${way}`;
