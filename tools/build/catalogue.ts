import * as fs from "node:fs/promises";
import * as path from "node:path";
import { STRIPPED } from "./go-flags";
import { judgeModules, judgeTools } from "./judge-tools";
import { languageModules, languageTools } from "./language-tools";
import { nodeModules, nodeTools } from "./node-tools";
import type { Catalogue, DataFiles, GoModule, PathCheck, Tool } from "./types";

const KUBERNETES_VERSION = "1.36.3";
const KUBERNETES_PROVIDER_VERSION = "4.25.0";
const PULUMI_VERSION = "3.274.1";

const stamp = (variable: string, value: string): string => `-X ${variable}=${value}`;

/** Kubernetes programs refuse to start, or report v0.0.0, unless the linker tells them their version. */
function kubernetesVersionFlags(): string[] {
  const [major, minor] = KUBERNETES_VERSION.split(".");
  const variables = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  return Object.entries(variables).map(([name, value]) => stamp(`k8s.io/component-base/version.${name}`, `${value}`));
}

/** The provider embeds its schema with the version filled in, which its own release build does; here it is done before compiling. */
async function prepareKubernetesProvider(
  folder: string,
  dependency: (modulePath: string) => Promise<string>,
): Promise<void> {
  const module = await dependency("github.com/pulumi/pulumi-kubernetes/provider/v4");
  const embedded = path.join(module, "cmd", "pulumi-resource-kubernetes");
  const schema = JSON.parse(await fs.readFile(path.join(embedded, "schema.json"), "utf8")) as object;
  await fs.writeFile(path.join(folder, "schema.json"), JSON.stringify({ ...schema, version: "4.25.0" }));
  const mapping = await fs.readFile(path.join(embedded, "terraform-mapping.json"));
  await fs.writeFile(path.join(folder, "terraform-mapping.json"), mapping);
}

const modules = {
  // Programs that stand on the libraries of Kubernetes or Pulumi, in one graph: what they share is compiled once.
  common: {
    ldflags: [
      ...STRIPPED,
      ...kubernetesVersionFlags(),
      stamp("github.com/pulumi/pulumi/sdk/v3/go/common/version.Version", `v${PULUMI_VERSION}`),
    ],
  },
  // On its own versions of these libraries, which it does not compile without, and on the others' of everything else.
  "kubernetes-provider": {
    ldflags: [
      ...STRIPPED,
      stamp("github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version", KUBERNETES_PROVIDER_VERSION),
    ],
    prepare: prepareKubernetesProvider,
  },
  etcd: { ldflags: STRIPPED },
  // Without the clients of clouds that it could find targets in: most of its code, none of it used here.
  prometheus: { ldflags: STRIPPED, env: { GOFLAGS: "-tags=remove_all_sd" } },
  "prometheus-adapter": { ldflags: STRIPPED },
  ratelimit: { ldflags: STRIPPED },
  ...nodeModules,
  ...judgeModules,
  ...languageModules,
} satisfies Record<string, GoModule>;

const dataFiles = {
  "kubernetes-openapi": { module: "common", from: "k8s.io/kubernetes", paths: ["api/openapi-spec"] },
  // The API of the newest release, which the local cluster does not run yet.
  "kubernetes-newest-openapi": {
    module: "kubernetes-newest",
    from: "k8s.io/kubernetes",
    paths: ["api/openapi-spec"],
  },
  "kwok-stages": { module: "common", from: "sigs.k8s.io/kwok", paths: ["kustomize/stage"] },
  "karpenter-crds": {
    module: "common",
    from: "sigs.k8s.io/karpenter",
    paths: ["pkg/apis/crds", "kwok/apis/crds"],
  },
  "karpenter-aws-crds": {
    module: "node-pool-crds",
    from: "github.com/aws/karpenter-provider-aws",
    paths: ["pkg/apis/crds"],
  },
  "karpenter-azure-crds": {
    module: "node-pool-crds",
    from: "github.com/Azure/karpenter-provider-azure",
    paths: ["pkg/apis/crds"],
  },
  "cluster-api-crds": {
    module: "node-pool-crds",
    from: "sigs.k8s.io/cluster-api",
    paths: ["core/config/crd/bases"],
  },
  "gateway-api-crds": {
    module: "gateway-api",
    from: "sigs.k8s.io/gateway-api",
    paths: ["config/crd/standard"],
  },
  "pod-security-fixtures": {
    module: "pod-security",
    from: "k8s.io/pod-security-admission",
    paths: ["test/testdata"],
  },
} satisfies Record<string, DataFiles>;

/** The control plane's programs must be of one minor version; a patch release more or less does no harm. */
const kubernetesOnPath: PathCheck = {
  versionArguments: ["--version"],
  pattern: /Kubernetes v(\d+\.\d+\.\d+)/,
  atLeast: "1.36.0",
  below: "1.37.0",
};

const kubernetesTool = (name: string, minutes: number, description: string, onPath = kubernetesOnPath): Tool => ({
  description,
  source: { kind: "go", module: "common", package: `k8s.io/kubernetes/cmd/${name}`, minutes },
  onPath,
});

const tools = {
  pulumi: {
    description: "The Pulumi engine and command line.",
    source: { kind: "go", module: "common", package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", minutes: 4 },
    onPath: { versionArguments: ["version"], pattern: /v(\d+\.\d+\.\d+)/, atLeast: "3.270.0", below: "4.0.0" },
  },
  "pulumi-language-nodejs": {
    description: "Language host for Node.js programs; stands in for the official one where that is not installed.",
    source: { kind: "node", folder: "language-host" },
    onPath: "any",
  },
  "karpenter-aws-judge": {
    description: "Checks objects as Karpenter for AWS does, for the tests of its node pools.",
    source: { kind: "go", module: "common", package: "./karpenter-aws", minutes: 1 },
  },
  "pulumi-resource-kubernetes": {
    description: "The Pulumi provider for Kubernetes.",
    source: { kind: "go", module: "kubernetes-provider", package: ".", minutes: 5 },
    pluginFolder: `resource-kubernetes-v${KUBERNETES_PROVIDER_VERSION}`,
  },
  "pulumi-resource-random": {
    description:
      "Random passwords, strings, bytes and ids; stands in for the official provider where that is not installed.",
    source: { kind: "node", folder: "random-provider", imports: ["language-host"] },
    onPath: "any",
    pluginFolder: "resource-random-v4.21.2",
  },
  "kube-apiserver": kubernetesTool("kube-apiserver", 4, "The Kubernetes API server of the local cluster."),
  "kube-controller-manager": kubernetesTool(
    "kube-controller-manager",
    1,
    "The controllers of the local cluster: Deployments, quotas, garbage collection.",
  ),
  "kube-scheduler": kubernetesTool("kube-scheduler", 0.5, "Places the pods of the local cluster on its nodes."),
  kubelet: kubernetesTool("kubelet", 0.5, "Runs the pods of the real node."),
  "kube-proxy": kubernetesTool("kube-proxy", 0.5, "Leads connections to Services to their pods on the real node."),
  kubectl: kubernetesTool("kubectl", 1, "The Kubernetes command line.", {
    versionArguments: ["version", "--client"],
    pattern: /Client Version: v(\d+\.\d+\.\d+)/,
    // kubectl is supported within one minor version of the API server, either way.
    atLeast: "1.35.0",
    below: "1.38.0",
  }),
  etcd: {
    description: "The store of the local cluster.",
    source: { kind: "go", module: "etcd", package: "go.etcd.io/etcd/server/v3", minutes: 0.5 },
    onPath: {
      versionArguments: ["--version"],
      pattern: /etcd Version: (\d+\.\d+\.\d+)/,
      atLeast: "3.6.0",
      below: "3.7.0",
    },
  },
  kwok: {
    description:
      "Plays the kubelets of the local cluster: nodes and pods that take part in everything but run no process.",
    source: { kind: "go", module: "common", package: "sigs.k8s.io/kwok/cmd/kwok", minutes: 0.5 },
    onPath: { versionArguments: ["--version"], pattern: /v(\d+\.\d+\.\d+)/, atLeast: "0.8.0", below: "0.9.0" },
    dataFiles: ["kwok-stages"],
  },
  karpenter: {
    description: "Karpenter with its simulated cloud: makes and removes nodes of the local cluster as pods need them.",
    source: { kind: "go", module: "common", package: "sigs.k8s.io/karpenter/kwok", minutes: 0.5 },
    dataFiles: ["karpenter-crds"],
  },
  ...nodeTools,
  prometheus: {
    description: "Scrapes gateways in tests, judges alert rules, and answers the metrics adapter.",
    source: {
      kind: "go",
      module: "prometheus",
      package: "github.com/prometheus/prometheus/cmd/prometheus",
      minutes: 4,
    },
  },
  "prometheus-adapter": {
    description: "Serves the metrics of Prometheus to the autoscaler, as custom.metrics.k8s.io.",
    source: {
      kind: "go",
      module: "prometheus-adapter",
      package: "sigs.k8s.io/prometheus-adapter/cmd/adapter",
      minutes: 2,
    },
  },
  ratelimit: {
    description: "Counts what clients use over all replicas of a tenant's server: Envoy's rate limit service.",
    source: { kind: "go", module: "ratelimit", package: "github.com/envoyproxy/ratelimit/src/service_cmd", minutes: 1 },
  },
  ...judgeTools,
  ...languageTools,
} satisfies Record<string, Tool>;

/** Name of a tool in the catalogue. */
export type ToolName = keyof typeof tools;

/** Name of a set of data files in the catalogue. */
export type DataFilesName = keyof typeof dataFiles;

/**
 * Every program that the project runs beside Node.js: where it comes from and how it is built.
 *
 * A tool is added by an entry here; one from a Go module also by a line in `tools/go/common`, or a folder `tools/go/<module>` whose go.mod pins it
 * (`go get -tool <package>@<version>`). One module per program whose dependencies clash with the others'.
 */
export const catalogue = { tools, modules, dataFiles } satisfies Catalogue;
