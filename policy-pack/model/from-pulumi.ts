/**
 * Pulumi resources as model objects. A resource's properties are walked once, into plain JSON: touching an unknown
 * value inside a rule would make CrossGuard replace the whole verdict by a piece of advice.
 */
import { UnknownValueError } from "@pulumi/policy";
import type { ClusterOrigin, SourceObject } from "./cluster-model";
import { record } from "./json";
import { type KubernetesObject, UNKNOWN } from "./kubernetes";
import { normalize } from "./normalize";

/** What the builder needs of a CrossGuard `PolicyResource` or of the arguments of a resource policy. */
export interface PulumiResource {
  type: string;
  props: Record<string, unknown>;
  urn: string;
  name: string;
  provider?: { props: Record<string, unknown>; name?: string; urn?: string };
}

/** Resources that only group others, which are registered themselves and so are seen. */
const groupings = new Set([
  "kubernetes:helm.sh/v3:Chart",
  "kubernetes:helm.sh/v4:Chart",
  "kubernetes:yaml:ConfigFile",
  "kubernetes:yaml:ConfigGroup",
  "kubernetes:yaml/v2:ConfigFile",
  "kubernetes:yaml/v2:ConfigGroup",
  "kubernetes:kustomize:Directory",
  "kubernetes:kustomize/v2:Directory",
]);

const HELM_RELEASE = "kubernetes:helm.sh/v3:Release";

/**
 * Kubernetes objects among the resources, in their order. Resources of other providers and pure groupings are left
 * out; Helm releases, patches and resources of unknown kind come as opaque objects.
 */
export function fromPulumi(resources: readonly PulumiResource[]): SourceObject[] {
  return resources.flatMap(sourceObjects);
}

function sourceObjects(resource: PulumiResource): SourceObject[] {
  if (!resource.type.startsWith("kubernetes:") || groupings.has(resource.type)) return [];
  const unknown: string[] = [];
  const props = record(plain(resource.props, "", unknown));
  const defaultNamespace = providerNamespace(resource);
  const origin = resource.urn;
  const cluster = clusterOf(resource);
  if (resource.type === HELM_RELEASE) {
    const namespace = typeof props.namespace === "string" ? props.namespace : undefined;
    const name = typeof props.name === "string" ? props.name : resource.name;
    const object = { apiVersion: "helm.sh/v3", kind: "Release", metadata: { name, namespace } };
    const opaque = "a Helm release creates objects that a preview does not show";
    return [{ object, origin, unknown, opaque, defaultNamespace, cluster }];
  }
  const [, apiVersion = "", kind = ""] = resource.type.split(":");
  const object = normalize({
    ...props,
    apiVersion: known(props.apiVersion) ?? apiVersion.replace(/^core\//, ""),
    kind: known(props.kind) ?? kind.replace(/Patch$/, ""),
  });
  if (Array.isArray(object.items) && kind.endsWith("List"))
    return listItems(object, origin, unknown).map((item) => ({ ...item, defaultNamespace, cluster }));
  const relevant = unknown.filter((path) => !isServerSet(path));
  const opaque = opaqueReason(resource.type, props);
  return [{ object, origin, unknown: relevant, opaque, defaultNamespace, cluster }];
}

/** Values that the API server sets and no rule reads, so that they may stay unknown. */
function isServerSet(path: string): boolean {
  return /^(status|metadata\.(uid|resourceVersion|creationTimestamp|generation|managedFields|selfLink))(\.|\[|$)/.test(
    path,
  );
}

function opaqueReason(type: string, props: Record<string, unknown>): string | undefined {
  if (type.endsWith("Patch")) return "a patch changes an object whose other fields the program does not show";
  if (known(props.kind) === undefined && type.split(":").length !== 3) return "its kind is unknown until deployment";
  return undefined;
}

function listItems(list: KubernetesObject, origin: string, unknown: readonly string[]): SourceObject[] {
  return (list.items as unknown[]).map((item, index) => {
    const prefix = `items[${index}].`;
    return {
      object: normalize(record(item)),
      origin,
      unknown: unknown.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length)),
    };
  });
}

/**
 * The cluster of a resource by what its provider connects to. Providers that name nothing share the cluster of the
 * environment; one whose connection is unknown until deployment is taken for a cluster of its own.
 */
function clusterOf({ provider }: PulumiResource): ClusterOrigin | undefined {
  if (provider === undefined) return undefined;
  const unknown: string[] = [];
  const { kubeconfig = "", context = "", cluster = "" } = record(plain(provider.props, "", unknown));
  const connection = [kubeconfig, context, cluster];
  if (connection.every((value) => value === "")) return undefined;
  const name = provider.name ?? provider.urn ?? "";
  const isOpen = unknown.some((path) => /^(kubeconfig|context|cluster)\b/.test(path));
  return {
    key: JSON.stringify(isOpen ? [provider.urn ?? name] : connection),
    provider: `provider ${JSON.stringify(name)}`,
  };
}

function providerNamespace(resource: PulumiResource): string | undefined {
  const namespace = record(plain(resource.provider?.props ?? {}, "", [])).namespace;
  return typeof namespace === "string" && namespace !== "" ? namespace : undefined;
}

function known(value: unknown): string | undefined {
  return typeof value === "string" && value !== UNKNOWN ? value : undefined;
}

/** Copies a property tree, writing `UNKNOWN` and the path for every value that CrossGuard refuses to show. */
function plain(value: unknown, path: string, unknown: string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return Array.from({ length: value.length }, (_, i) => child(value, i, `${path}[${i}]`, unknown));
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    // The Kubernetes provider keeps its own bookkeeping beside the object under keys of this form.
    if (path === "" && key.startsWith("__")) continue;
    copy[key] = child(value, key, path === "" ? key : `${path}.${key}`, unknown);
  }
  return copy;
}

function child(parent: object, key: string | number, path: string, unknown: string[]): unknown {
  let value: unknown;
  try {
    value = (parent as Record<string | number, unknown>)[key];
  } catch (error) {
    if (!(error instanceof UnknownValueError)) throw error;
    unknown.push(path);
    return UNKNOWN;
  }
  return plain(value, path, unknown);
}
