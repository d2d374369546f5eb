import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Kubectl, KubectlResult } from "../support/kubectl";

/** What a test varies of a pod. */
export interface PodShape {
  name: string;
  namespace: string;
  memory?: string;
  gpus?: number;
  nodeSelector?: Record<string, string>;
  priorityClassName?: string;
  /** Fields of the container's security context that replace the compliant ones. */
  security?: Record<string, unknown>;
  /** Fields of the pod that are added. */
  spec?: Record<string, unknown>;
}

/** A pod that satisfies `restricted` and the tenant's limits unless the shape says otherwise. */
export function podManifest(shape: PodShape): object {
  const memory = shape.memory ?? "64Mi";
  const gpu = shape.gpus === undefined ? {} : { "nvidia.com/gpu": String(shape.gpus) };
  const resources = { cpu: "10m", memory, "ephemeral-storage": "16Mi", ...gpu };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: shape.name, namespace: shape.namespace },
    spec: {
      automountServiceAccountToken: false,
      nodeSelector: shape.nodeSelector,
      priorityClassName: shape.priorityClassName,
      containers: [
        {
          name: "probe",
          image: "registry.invalid/probe:1",
          resources: { requests: resources, limits: resources },
          securityContext: {
            allowPrivilegeEscalation: false,
            runAsNonRoot: true,
            runAsUser: 10001,
            capabilities: { drop: ["ALL"] },
            seccompProfile: { type: "RuntimeDefault" },
            ...shape.security,
          },
        },
      ],
      ...shape.spec,
    },
  };
}

/** `kubectl create` of one object. */
export async function apply(kubectl: Kubectl, object: object, ...args: string[]): Promise<KubectlResult> {
  const scratch = mkdtempSync(path.join(tmpdir(), "ollama-platform-object-"));
  try {
    const file = path.join(scratch, "object.json");
    writeFileSync(file, JSON.stringify(object));
    return await kubectl("create", "-f", file, ...args);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
