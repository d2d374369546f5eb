import { readFileSync } from "node:fs";
import * as path from "node:path";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import { format, resolveConfig } from "prettier";
import { loadStackFile } from "../../components/config/load";
import * as components from "../../components/index";
import { GUARD_PREFIX } from "../../components/plan/guard/concern";
import { RULES_ANNOTATION } from "../../components/plan/guard/guard";
import { planPlatform } from "../../components/plan/platform";
import { catalogue, schemaText } from "../../policy-pack/docs/catalogue";
import { rules } from "../../policy-pack/rules";
import { dashboards, renderDashboard } from "../dashboards/dashboards";
import { declarationSchemas } from "./declaration-schemas";
import { renderConfiguration } from "../docs/configuration-page";
import { wrapped } from "../docs/wrap";
import { repositoryRoot } from "../local/paths";

/** A file of the repository that is made from others, and kept in it for readers and programs that cannot make it. */
export interface GeneratedFile {
  /** The file, relative to the repository. */
  readonly file: string;
  /** What it is made from, in words. */
  readonly from: string;
  /** Makes its content. */
  text(): Promise<string>;
}

/** The command that makes all of them. */
export const GENERATE = "npm run generate";

type ComponentClass = ConstructorParameters<typeof ComponentProvider>[0]["components"] extends
  (infer Class)[] | undefined
  ? Class & { token: string }
  : never;

const isComponent = (exported: unknown): exported is ComponentClass =>
  typeof exported === "function" && "token" in exported;

/** Every component of the package, whose arguments and outputs its schema describes, in the order of their names. */
export const packageComponents: ComponentClass[] = Object.values<unknown>(components)
  .filter(isComponent)
  .sort((a, b) => (a.token < b.token ? -1 : 1));

/** Policies of the guard by the IDs of the pack's rules that they hold, in the stacks of this repository together. */
function heldByGuard(): Map<string, string[]> {
  const held = new Map<string, Set<string>>();
  for (const stack of ["dev", "staging", "prod"]) {
    const { guard } = planPlatform(loadStackFile(path.join(repositoryRoot, `Pulumi.${stack}.yaml`)));
    for (const { metadata } of guard?.policies ?? []) {
      for (const rule of metadata.annotations?.[RULES_ANNOTATION]?.split(" ") ?? [])
        held.set(rule, (held.get(rule) ?? new Set()).add(metadata.name.slice(GUARD_PREFIX.length)));
    }
  }
  return new Map([...held].map(([rule, names]) => [rule, [...names].sort()]));
}

let declared: ReturnType<typeof declarationSchemas> | undefined;

/** The schema of a kind of files. Both are read from the types at once, which takes seconds. */
function schemaOfFiles(kind: "stack" | "tenant"): GeneratedFile {
  const file = `components/config/${kind}.schema.json`;
  const text = () => formatted(file, JSON.stringify((declared ??= declarationSchemas())[kind]));
  return { file, from: "the interfaces in components/spec", text };
}

/** Every generated file but the golden objects of the stacks, which are the tests' own. */
export const generatedFiles: readonly GeneratedFile[] = [
  schemaOfFiles("stack"),
  schemaOfFiles("tenant"),
  {
    file: "docs/configuration.md",
    from: "the JSON Schemas in components/config",
    text: async () => wrapped(renderConfiguration(repositoryRoot)),
  },
  {
    file: "docs/policies.md",
    from: "the rules of the policy pack",
    text: async () => wrapped(catalogue(rules, heldByGuard())),
  },
  {
    file: "policy-pack/config.schema.json",
    from: "the rules and settings of the policy pack",
    text: () => formatted("policy-pack/config.schema.json", schemaText(rules)),
  },
  ...Object.entries(dashboards).map(([name, dashboard]) => {
    const file = `monitoring/dashboards/${name}.json`;
    return { file, from: "the panels in tools/dashboards", text: () => formatted(file, renderDashboard(dashboard)) };
  }),
  { file: "components/schema.json", from: "the types of the component package", text: packageSchema },
];

/**
 * Says that a generated file is stale.
 *
 * @param text What it would be, made now.
 * @returns A sentence with the file and the command that mends it; undefined when the file is what it should be.
 */
export function staleness({ file, from }: GeneratedFile, text: string): string | undefined {
  return text === contentOf(file) ? undefined : `${file} is stale, ${from} give another: run \`${GENERATE}\``;
}

/** What is in a file of the repository; undefined when it is not there. */
export function contentOf(file: string): string | undefined {
  try {
    return readFileSync(path.join(repositoryRoot, file), "utf8");
  } catch {
    return undefined;
  }
}

/** The schema that Pulumi's analyser reads from the components' types; it type-checks the whole package for that. */
async function packageSchema(): Promise<string> {
  const dirname = path.join(repositoryRoot, "components");
  const provider = new ComponentProvider({ components: packageComponents, dirname, name: "ollama-platform" });
  const { name, version, description, ...types } = JSON.parse(await provider.getSchema()) as Record<string, unknown>;
  return `${JSON.stringify({ name, version, ...registryMetadata(dirname), description, ...types }, undefined, 2)}\n`;
}

/** What the Pulumi Registry shows of a package beside its types; a release adds where its sources are. */
function registryMetadata(folder: string): Record<string, unknown> {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const { keywords, license } = manifest as { keywords: string[]; license: string };
  return { displayName: "Ollama Platform", keywords: [...keywords, "kind/component", "category/cloud"], license };
}

async function formatted(file: string, text: string): Promise<string> {
  const filepath = path.join(repositoryRoot, file);
  return format(text, { ...(await resolveConfig(filepath)), filepath });
}
