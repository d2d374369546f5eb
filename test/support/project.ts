import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { repositoryRoot } from "../../tools/local/paths";

/** Files of the program that a scratch project copies; everything else is linked. */
const copied = ["Pulumi.yaml", "Pulumi.dev.yaml", "index.ts", "program.ts", "package.json", "tsconfig.json", "tenants"];
const linked = ["components", "policy-pack", "node_modules"];

/**
 * Makes a scratch copy of the program below `directory`, whose config, tenants and entry point a test may change.
 * An earlier copy is replaced. `rename` gives copied files another name there.
 */
export function createProject(directory: string, rename: Record<string, string> = {}): string {
  const project = path.join(directory, "project");
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project, { recursive: true });
  for (const name of copied)
    cpSync(path.join(repositoryRoot, name), path.join(project, rename[name] ?? name), { recursive: true });
  for (const name of linked) symlinkSync(path.join(repositoryRoot, name), path.join(project, name));
  return project;
}

/** Files of the guard with what another release of it has in their place. */
const OTHER_GUARD: [file: string, present: string, other: string][] = [
  [
    "guard.ts",
    "({ ...validation, reason: ",
    "({ ...validation, expression: `!(!(${validation.expression}))`, reason: ",
  ],
  ["network-policies.ts", 'name: "network-policies"', 'name: "opened-peers"'],
];

/**
 * Gives a scratch project a guard as another release might have it: every expression is another, one policy has another name, and it
 * refuses the same.
 *
 * @returns A function that gives it the present guard again.
 */
export function takeOtherGuard(project: string): () => void {
  const components = path.join(project, "components");
  const present = path.join(repositoryRoot, "components");
  rmSync(components);
  cpSync(present, components, { recursive: true });
  for (const [name, from, to] of OTHER_GUARD) {
    const file = path.join(components, "plan", "guard", name);
    const text = readFileSync(file, "utf8");
    if (!text.includes(from)) throw new Error(`${name} has no ${from}`);
    writeFileSync(
      file,
      text.replace(from, () => to),
    );
  }
  return () => {
    rmSync(components, { recursive: true });
    symlinkSync(present, components);
  };
}

/** A parsed YAML document; tests reach into it freely. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type YamlDocument = any;

/** Values as YAML that every reader understands alike: texts that the engine would take for a date or a number are in quotes. */
export function yamlText(value: unknown): string {
  return stringify(value, { compat: "yaml-1.1" });
}

/** Changes a YAML file of a scratch project in place. */
export function editYaml(project: string, file: string, edit: (document: YamlDocument) => void): void {
  const name = path.join(project, file);
  const document = existsSync(name) ? parse(readFileSync(name, "utf8")) : {};
  edit(document);
  writeFileSync(name, yamlText(document));
}

/** Path of a tenant's file in a scratch project, relative to it. */
export const tenantFile = (name: string) => path.join("tenants", "dev", `${name}.yaml`);

/**
 * A kubeconfig of a server that is of no help.
 *
 * @param server Its address. Default: one that refuses connections, since port 1 of loopback is reserved and closed.
 */
export function closedKubeconfig(directory: string, server = "https://127.0.0.1:1"): string {
  const file = path.join(directory, "closed.kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "closed", cluster: { server } }],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: "closed", context: { cluster: "closed", user: "nobody" } }],
    "current-context": "closed",
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
