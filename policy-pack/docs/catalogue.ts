/** The catalogue of rules for people, and the schema of the configuration for editors. */
import type { Right, RightKind } from "../analysis/rbac/right";
import { forbiddenRights, givenVerbs } from "../analysis/rbac/rights";
import { fileSchema } from "../settings/schema";
import type { Rule } from "../rules/rule";

const areas: Record<string, string> = {
  namespaces: "Tenants' namespaces: who owns them and what the API server enforces in them.",
  network: "Who may open a connection to whom.",
  rbac: "Who may do what through the Kubernetes API.",
  pods: "What a pod may do to its node: the restricted Pod Security Standard on every container kind, and more.",
  placement: "On which nodes and GPUs a tenant's pods run.",
  capacity: "What a tenant may use at most, and that it is there.",
  storage: "Who reads and writes which volume.",
  secrets: "Where secrets may stand.",
  models: "Ollama servers: the gateway before them, their models, their settings.",
  images: "What runs, and where it comes from.",
  admission: "What the API server refuses after deployment.",
  objects: "That the rules see everything.",
};

/**
 * The catalogue as Markdown: one table of contents, then each rule with what it asks, why and how to comply.
 *
 * @param heldBy Policies of the admission guard that hold the same in the cluster, by the rules' IDs.
 */
export function catalogue(rules: readonly Rule[], heldBy: ReadonlyMap<string, readonly string[]>): string {
  const parts = Object.entries(areas).map(([area, about]) => {
    const own = rules.filter(({ id }) => id.startsWith(`${area}/`));
    const tables = area === "rbac" ? [rightsSection()] : [];
    return [`## ${area}`, about, ...own.map(ruleSection), ...tables].join("\n\n");
  });
  const index = rules.map(({ id, title, severity }) => {
    const held = (heldBy.get(id) ?? []).map((name) => `\`${name}\``).join(", ");
    return `| [\`${id}\`](#${anchor(id)}) | ${severity} | ${title} | ${held} |`;
  });
  return [
    "# Rules of the policy pack",
    `The pack \`ollama-isolation\` holds ${rules.length} rules. All of them block by default. This page is generated from the rules by \`npm run generate\`; do not edit it.`,
    "Rules of scope *object* refuse an object before it is created; rules of scope *cluster* need the whole preview.",
    "## Index",
    "The last column names the policies of the [admission guard](admission-guard.md) that hold the same in the cluster after the deployment, whoever asks.",
    ["| Rule | Severity | What holds | Held in the cluster by |", "| --- | --- | --- | --- |", ...index].join("\n"),
    ...parts,
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/** The schema of `--policy-pack-config` files as JSON text. */
export function schemaText(rules: readonly Rule[]): string {
  return `${JSON.stringify(fileSchema(rules.map(({ id }) => id)), undefined, 2)}\n`;
}

function ruleSection({ id, title, severity, scope, frameworks, remediation, configuredBy = [] }: Rule): string {
  const references = frameworks.map(({ framework, reference }) => `${framework} ${reference}`).join("; ");
  return [
    `### ${id}`,
    title,
    [
      `- Severity: ${severity}. Scope: ${scope}.`,
      `- To comply: ${remediation}`,
      `- Asked for by: ${references}.`,
      ...(configuredBy.length === 0
        ? []
        : [`- Configured by: ${configuredBy.map((name) => `\`${name}\``).join(", ")}.`]),
    ].join("\n"),
  ].join("\n\n");
}

const kinds: Record<RightKind, string> = {
  secrets: "`rbac/no-secret-access`",
  identity: "`rbac/no-escalation`",
  interior: "`rbac/no-pod-interior`",
  workload: "`rbac/no-workload-writing`",
  fence: "`rbac/no-fence-editing`",
};

/** The table of rights that the rules and the closure share; resources of one line differ in nothing else. */
function rightsSection(): string {
  const lines = new Map<string, string[]>();
  for (const right of forbiddenRights) {
    const { kind, group, resource, verbs, name } = right;
    const where = hasEffectInNamespaces(right) ? "a namespace, the cluster" : "the cluster";
    const key = [kinds[kind], group === "" ? "(core)" : group, "", verbs.join(", "), where, name].join(" | ");
    lines.set(key, [...(lines.get(key) ?? []), resource]);
  }
  const rows = [...lines].map(([key, resources]) => `| ${key.replace(" |  | ", ` | ${resources.join(", ")} | `)} |`);
  return [
    "### Rights that no tenant may hold",
    "One table for the rules and for the [closure](rbac-closure.md). A binding in a namespace gives nothing on objects outside namespaces, so some rights count only where they hold in the whole cluster.",
    [
      "| Rule | Group | Resources | Verbs | Bound in | What it is to a tenant |",
      "| --- | --- | --- | --- | --- | --- |",
      ...rows,
    ].join("\n"),
  ].join("\n\n");
}

function hasEffectInNamespaces(right: Right): boolean {
  const { group, resource, verbs } = right;
  const example = resource.replace(/\/\*$/, "/any").replace(/^\*$/, "any");
  const rule = { apiGroups: [group], resources: [example], verbs, resourceNames: [], nonResourceURLs: [] };
  return givenVerbs({ namespace: "any", rule, source: "" }, right).length > 0;
}

/** The anchor that Markdown renderers give a heading. */
function anchor(id: string): string {
  return id.replace(/[^a-z0-9-]/g, "");
}
