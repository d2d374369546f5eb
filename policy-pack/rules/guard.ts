/** What is known of the platform's admission guard: which policies it has, and how one is recognised as reviewed. */
import { createHash } from "node:crypto";
import { list, record } from "../model/json";
import reviewed from "./reviewed-guard.json";
import type { ClusterModel } from "../model/cluster-model";
import type { AdmissionRules } from "../settings/settings";
import { tenantIngresses, tenantRoutes } from "../readers/ingress";

/** A policy that has been reviewed. */
export interface ReviewedPolicy {
  /** Whether every environment has it; others have it when they have what it guards. */
  always: boolean;
  /** What it is asked about: `OPERATION group/resource/subresource`. */
  requests: string[];
  /** Its conditions, variables and validations without the environment's names, as SHA-256. */
  digest: string;
}

/** The reviewed policies of the guard by name. */
export const REVIEWED: Readonly<Record<string, ReviewedPolicy>> = reviewed;

/** Names of the policies that the whole guard has in every environment. */
const WHOLE_GUARD = Object.keys(REVIEWED).filter((name) => REVIEWED[name]?.always === true);

/** Kinds of objects that make node pools. */
const POOL_KINDS = ["NodePool", "ComputeClass", "MachineDeployment"];

/** Policies that an environment has when it has what they guard. */
const WITH_WHAT_IT_GUARDS: Readonly<Record<string, (model: ClusterModel) => boolean>> = {
  "ollama-platform-foreign-routes": (model) => [...tenantIngresses(model), ...tenantRoutes(model)].length > 0,
  "ollama-platform-node-pools": (model) => POOL_KINDS.some((kind) => model.of(kind).length > 0),
};

/**
 * Whether the whole guard is asked for: by the configuration, or because a tenant's developers write pods and policies in a
 * workspace, which nothing but the guard holds.
 */
export function needsGuard({ requireGuard }: AdmissionRules, model: ClusterModel): boolean {
  return requireGuard || model.tenantNamespaces().some(({ workspace }) => workspace);
}

/** Names of the policies that an environment has to have. */
export function requiredPolicies(admission: AdmissionRules, model: ClusterModel): string[] {
  if (!needsGuard(admission, model)) return [...new Set(admission.requiredPolicies)];
  const depending = Object.keys(WITH_WHAT_IT_GUARDS).filter((name) => WITH_WHAT_IT_GUARDS[name]?.(model) === true);
  return [...new Set([...admission.requiredPolicies, ...WHOLE_GUARD, ...depending])];
}

/** Users of Kubernetes itself, who may be exempt. */
const SYSTEM = /^system:(apiserver|kube-controller-manager|kube-scheduler|serviceaccount:kube-system:[a-z-]+)$/;
/** A condition that spares users by their names and says nothing else. */
const EXEMPTION = /^!\(request\.userInfo\.username in (\[[^\]]*\])\)$/;
/** A list of texts, or such lists by namespace: the names of one environment and no logic. */
const TEXT = '"(?:[^"\\\\]|\\\\.)*"';
const TEXTS = `\\[(?:${TEXT}(?:, ${TEXT})*)?\\]`;
const NAMES = new RegExp(
  `^(?:${TEXTS}|\\{(?:${TEXT}: ${TEXTS}(?:, ${TEXT}: ${TEXTS})*)?\\}\\[\\?request\\.namespace\\]\\.orValue\\(\\[\\]\\))$`,
);

interface Expression {
  name?: string;
  expression?: unknown;
}

const expressions = (value: unknown): Expression[] => list(value as Expression[] | undefined).map((one) => record(one));

/** Everything that a policy decides by, without the names of one environment. */
export function digestOf(spec: Record<string, unknown>): string {
  const conditions = expressions(spec.matchConditions)
    .map(({ expression }) => String(expression))
    .filter((text) => !EXEMPTION.test(text));
  const variables = expressions(spec.variables).map(({ name, expression }) => {
    const text = String(expression);
    return [name, NAMES.test(text) ? "names" : text];
  });
  const validations = expressions(spec.validations).map(({ expression }) => String(expression));
  return createHash("sha256")
    .update(JSON.stringify([conditions, variables, validations]))
    .digest("hex");
}

/** What a policy is asked about, in the words of `ReviewedPolicy.requests`. */
export function requestsOf(spec: Record<string, unknown>): Set<string> {
  const rules = list(record(spec.matchConstraints).resourceRules as unknown[] | undefined).map((rule) => record(rule));
  const whole = rules.filter(
    (rule) =>
      list(rule.apiVersions as string[]).includes("*") &&
      list(rule.resourceNames as string[]).length === 0 &&
      (rule.scope === undefined || rule.scope === "*"),
  );
  return new Set(
    whole.flatMap((rule) =>
      list(rule.operations as string[]).flatMap((operation) =>
        list(rule.apiGroups as string[]).flatMap((group) =>
          list(rule.resources as string[]).map((resource) => `${operation} ${group}/${resource}`),
        ),
      ),
    ),
  );
}

/** Users that a policy spares, beside those of Kubernetes itself; undefined when its exemption cannot be read. */
export function exemptions(spec: Record<string, unknown>): string[] | undefined {
  const users = new Set<string>();
  for (const { expression } of expressions(spec.matchConditions)) {
    const [, names] = EXEMPTION.exec(String(expression)) ?? [];
    if (names === undefined) continue;
    try {
      for (const user of JSON.parse(names) as unknown[]) users.add(String(user));
    } catch {
      return undefined;
    }
  }
  return [...users].filter((user) => !SYSTEM.test(user));
}

/** The variable of a policy that says, for each workspace, how the images begin that may run there. */
const IMAGES_BY_NAMESPACE = /^(\{.*\})\[\?request\.namespace\]\.orValue\(\[\]\)$/;

/** Two namespaces that a policy lets run the same images. */
export interface SharedImages {
  namespaces: [string, string];
  /** Beginning of the images that both may run. */
  images: string;
}

/** Pairs of namespaces that may run images of each other by the policy's variable `repositories`; none where there is no such variable. */
export function sharedImages(spec: Record<string, unknown>): SharedImages[] {
  const { expression } = expressions(spec.variables).find(({ name }) => name === "repositories") ?? {};
  const [, map] = IMAGES_BY_NAMESPACE.exec(String(expression)) ?? [];
  if (map === undefined || !NAMES.test(String(expression))) return [];
  const places = Object.entries(JSON.parse(map) as Record<string, string[]>).flatMap(([namespace, beginnings]) =>
    beginnings.map((images) => ({ namespace, images })),
  );
  // In this order a beginning stands before everything that begins with it, and nothing else stands between them.
  places.sort((a, b) => (a.images < b.images ? -1 : a.images > b.images ? 1 : 0));
  const shared = new Map<string, SharedImages>();
  const open: typeof places = [];
  for (const place of places) {
    while (open.length > 0 && !place.images.startsWith(open[open.length - 1]?.images ?? "")) open.pop();
    for (const outer of open) {
      if (outer.namespace === place.namespace) continue;
      const namespaces = [outer.namespace, place.namespace].sort() as [string, string];
      shared.set(namespaces.join(" "), { namespaces, images: place.images });
    }
    open.push(place);
  }
  return [...shared.values()];
}
