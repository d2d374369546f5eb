import { STRIPPED } from "./go-flags";
import type { GoModule, Tool } from "./types";

/** Go modules of the programs of others that only the tests need: second opinions. */
export const judgeModules = {
  kubeconform: { ldflags: STRIPPED },
  "kube-score": { ldflags: STRIPPED },
  "pod-security": { ldflags: STRIPPED },
  // Its sources use the second JSON package of Go, which is still behind this switch.
  trivy: { ldflags: STRIPPED, env: { GOEXPERIMENT: "jsonv2" } },
} satisfies Record<string, GoModule>;

/**
 * Programs of others that judge what the project makes. A judge on PATH is used within one minor version only: another one
 * has other checks, and then the list of explained findings would not be its.
 */
export const judgeTools = {
  "admission-judge": {
    description: "Decides requests by admission policies with the API server's own code, for the tests of the guard.",
    source: { kind: "go", module: "common", package: "./admission-judge", minutes: 0.5 },
  },
  "cyclonus-matcher": {
    description: "The NetworkPolicy matcher of cyclonus, a second opinion on what policies allow.",
    source: { kind: "go", module: "common", package: "./cyclonus", minutes: 0.5 },
  },
  kubeconform: {
    description: "Judges manifests by the schemas of Kubernetes.",
    source: {
      kind: "go",
      module: "kubeconform",
      package: "github.com/yannh/kubeconform/cmd/kubeconform",
      minutes: 0.5,
    },
    onPath: { versionArguments: ["-v"], pattern: /v(\d+\.\d+\.\d+)/, atLeast: "0.8.0", below: "0.9.0" },
  },
  "kube-score": {
    description: "Judges manifests by the field's good practice.",
    source: { kind: "go", module: "kube-score", package: "github.com/zegl/kube-score/cmd/kube-score", minutes: 1 },
    onPath: {
      versionArguments: ["version"],
      pattern: /version: v?(\d+\.\d+\.\d+)/,
      atLeast: "1.20.0",
      below: "1.21.0",
    },
  },
  "netpol-analyzer-judge": {
    description: "Connections by netpol-analyzer, another second opinion on what policies allow.",
    source: { kind: "go", module: "common", package: "./netpol-analyzer", minutes: 0.5 },
  },
  "pod-security-judge": {
    description: "The checks of Pod Security as the API server runs them, a second opinion on single pods.",
    source: { kind: "go", module: "pod-security", package: ".", minutes: 1 },
  },
  "trivy-kubernetes": {
    description:
      "Judges manifests by trivy's checks for Kubernetes, which follow the Pod Security Standards and beyond.",
    source: { kind: "go", module: "trivy", package: ".", minutes: 3 },
  },
} satisfies Record<string, Tool>;
