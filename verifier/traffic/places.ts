/** Where probes run: namespaces of the verifier's own, and those of tenants. */
import { record } from "../../policy-pack/model/json";
import type { Subject } from "../checks/check";
import { siteOf } from "../site";

/** Namespace of the positive controls. */
export const CONTROL_NAMESPACE = "ollama-verifier-control";
/** Namespace of someone who has nothing to do with the platform. */
export const STRANGER_NAMESPACE = "ollama-verifier-stranger";

/** Label of everything that a run makes; its value says what it is. */
export const PROBE_LABEL = "ollama-platform.io/verifier";

/** Value of the label of a probe pod. */
export type Role = "listener" | "fenced" | "asker" | "muted";

/** A probe pod. */
export interface Probe {
  /** Name in results, unique: `tenant-hr`, `stranger`, `control`. */
  id: string;
  namespace: string;
  /** Pod's name. */
  name: string;
  tenant?: string;
  priorityClass?: string;
  runtimeClass?: string;
  /** Value of the label that policies of the control namespace select. */
  role: Role;
}

/** The probes of a run. */
export interface Probes {
  listeners: Probe[];
  askers: Probe[];
}

/** The probes of the verifier's own namespaces: `fenced` and `muted` differ from their twins in one policy each. */
const OWN: Probes = {
  listeners: [
    { id: "control", namespace: CONTROL_NAMESPACE, name: "listener", role: "listener" },
    { id: "fenced", namespace: CONTROL_NAMESPACE, name: "fenced", role: "fenced" },
    { id: "stranger", namespace: STRANGER_NAMESPACE, name: "listener", role: "listener" },
  ],
  askers: [
    { id: "control", namespace: CONTROL_NAMESPACE, name: "asker", role: "asker" },
    { id: "muted", namespace: CONTROL_NAMESPACE, name: "muted", role: "muted" },
    { id: "stranger", namespace: STRANGER_NAMESPACE, name: "asker", role: "asker" },
  ],
};

const PROBE_NAME = "verifier-probe";

/** Probes for every tenant's namespace in which pods may run, beside those of the verifier's own. */
export function probesFor(subject: Subject): Probes {
  const tenants = subject.model.tenantNamespaces().flatMap(({ name: namespace, tenant, workspace }) => {
    const site = siteOf(subject.model, namespace);
    // In a workspace the guard lets run the tenant's own images only, of which the probe's is none.
    if (workspace || site === undefined || isShut(subject, namespace)) return [];
    const { priorityClass, runtimeClass } = site;
    return [{ id: namespace, namespace, tenant, priorityClass, runtimeClass }];
  });
  const of = (role: "listener" | "asker"): Probe[] =>
    tenants.map((place) => ({ ...place, name: `${PROBE_NAME}-${role}`, role }));
  // A namespace that is fenced as a tenant is, without being one, has nobody who could ask, and no name server to ask.
  const { fencedNamespaces } = subject.settings.configuration;
  const askers = of("asker").filter(({ namespace }) => !fencedNamespaces.includes(namespace));
  return { listeners: [...OWN.listeners, ...of("listener")], askers: [...OWN.askers, ...askers] };
}

/** Whether no pod may run in the namespace, as in a suspended tenant's. */
export function isShut({ model }: Subject, namespace: string): boolean {
  return model.ofIn(namespace, "ResourceQuota", "").some(({ object }) => {
    const { hard, scopes, scopeSelector } = record(object.spec);
    return scopes === undefined && scopeSelector === undefined && record(hard).pods === "0";
  });
}

/** Identifier of a probe in the analysis of the network. */
export function podOf({ namespace, name }: Probe): string {
  return `Pod ${namespace}/${name}`;
}

/** Labels of what a run makes; policies see those of its pods. */
export function probeLabels(role: string): Record<string, string> {
  return {
    "app.kubernetes.io/name": "verifier-probe",
    "app.kubernetes.io/managed-by": "ollama-platform-verify",
    [PROBE_LABEL]: role,
  };
}
