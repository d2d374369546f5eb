import { describeRule, type Break } from "../breaks";
import { find, settings, type Loose } from "../fixture";

const modes = ["enforce", "audit", "warn"];

describeRule("namespaces/pod-security-labels", [
  ...modes.flatMap((mode): Break[] =>
    [
      ["a missing level", mode, undefined],
      ["the baseline level", mode, "baseline"],
      ["a misspelt level", mode, "restrictd"],
      ["a missing version", `${mode}-version`, undefined],
      ["the latest version", `${mode}-version`, "latest"],
      ["a version without v", `${mode}-version`, "1.34"],
      ["a version with a leading zero", `${mode}-version`, "v1.034"],
      ["a patch version", `${mode}-version`, "v1.34.1"],
    ].map(([title, label, value]) => ({
      title: `${title} (${mode})`,
      apply: (objects) => {
        const { labels } = find(objects, "Namespace", "tenant-hr").metadata;
        if (value === undefined) delete labels[`pod-security.kubernetes.io/${label}`];
        else labels[`pod-security.kubernetes.io/${label}`] = value;
      },
      object: "Namespace tenant-hr",
      field: `metadata.labels["pod-security.kubernetes.io/${label}"]`,
    })),
  ),
  {
    title: "no labels at all",
    apply: (objects) => delete find(objects, "Namespace", "tenant-hr").metadata.labels,
    object: "Namespace tenant-hr",
  },
]);

describeRule("namespaces/declared", [
  {
    title: "objects in a namespace that nothing declares",
    apply: (objects) => objects.splice(objects.indexOf(find(objects, "Namespace", "tenant-hr")), 1),
    object: "Namespace tenant-hr",
  },
]);

describeRule("namespaces/owner", [
  {
    title: "the label of another tenant",
    apply: (objects) =>
      (find(objects, "Namespace", "tenant-hr").metadata.labels["ollama-platform.io/tenant"] = "finance"),
    object: "Namespace tenant-hr",
  },
  {
    title: "no label",
    apply: (objects) => delete find(objects, "Namespace", "tenant-hr").metadata.labels["ollama-platform.io/tenant"],
    object: "Namespace tenant-hr",
  },
  {
    title: "a label that is no name",
    apply: (objects) => (find(objects, "Namespace", "tenant-hr").metadata.labels["ollama-platform.io/tenant"] = ""),
    object: "Namespace tenant-hr",
  },
  {
    title: "a platform namespace with a tenant's label",
    apply: (objects) =>
      objects.push({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "ollama-platform-system", labels: { "ollama-platform.io/tenant": "hr" } },
      }),
    object: "Namespace ollama-platform-system",
  },
]);

describeRule("namespaces/admission-exemptions", [
  ...["admission.gatekeeper.sh/ignore", "resource.kubernetes.io/admin-access", "control-plane"].map((label): Break => ({
    title: `the label ${label}`,
    apply: (objects) => (find(objects, "Namespace", "tenant-hr").metadata.labels[label] = "true"),
    object: "Namespace tenant-hr",
    field: `metadata.labels["${label}"]`,
  })),
  {
    title: "an annotation that overrides placement",
    apply: (objects) =>
      (find(objects, "Namespace", "tenant-hr").metadata.annotations = {
        "scheduler.alpha.kubernetes.io/node-selector": "a=b",
      }),
    object: "Namespace tenant-hr",
  },
]);

const LEVEL = "ollama-platform.io/isolation-level";
const hrLabels = (objects: Loose[]) => find(objects, "Namespace", "tenant-hr").metadata.labels;
const podLevel = (objects: Loose[], level: string) =>
  (find(objects, "Deployment", "ollama", "tenant-hr").spec.template.metadata.labels[LEVEL] = level);
const { configuration } = settings;

describeRule(
  "namespaces/isolation-level",
  [
    { title: "no level", apply: (o) => delete hrLabels(o)[LEVEL], object: "Namespace tenant-hr" },
    { title: "an empty level", apply: (o) => (hrLabels(o)[LEVEL] = ""), object: "Namespace tenant-hr" },
    {
      title: "a level that differs from the pods'",
      apply: (o) => podLevel(o, "sandboxed"),
      object: "Deployment tenant-hr/ollama",
      field: `spec.template.metadata.labels["${LEVEL}"]`,
    },
  ],
  [
    { title: "pods that name the same level", apply: (o) => podLevel(o, "shared") },
    {
      title: "no level where levels are not looked at",
      apply: (o) => delete hrLabels(o)[LEVEL],
      settings: {
        ...settings,
        configuration: { ...configuration, isolationLevels: { ...configuration.isolationLevels, label: "" } },
      },
    },
  ],
);

/** Makes a workspace of HR's, with a copy of HR's server in it. */
function serverInWorkspace(objects: Loose[]): void {
  const workspace = structuredClone(find(objects, "Namespace", "tenant-hr"));
  workspace.metadata.name = "tenant-hr-apps";
  const server = structuredClone(find(objects, "Deployment", "ollama", "tenant-hr"));
  server.metadata.namespace = "tenant-hr-apps";
  objects.push(workspace, server);
}

describeRule(
  "namespaces/workspace",
  [
    {
      title: "a model server in a workspace",
      apply: serverInWorkspace,
      object: "Deployment tenant-hr-apps/ollama",
      field: /^spec\.template\.spec\.\w+\[\d\]\.image$/,
    },
  ],
  [
    {
      title: "another program in a workspace",
      apply: (objects) => {
        serverInWorkspace(objects);
        const { containers } = objects.at(-1).spec.template.spec;
        containers.splice(0, containers.length, { name: "web", image: "docker.io/ollama/web:1" });
        delete objects.at(-1).spec.template.spec.initContainers;
      },
    },
  ],
);
