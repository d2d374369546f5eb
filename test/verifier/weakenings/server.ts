import { changed, FINANCE, gone, HR, put, taken, type Weakening } from "./weakening";

const GUARD = "ollama-platform-";

/** The admission guard. */
export const guard: Weakening[] = [
  ...["pods", "roles", "network-policies"].map((name) =>
    gone("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybinding", "", GUARD + name),
  ),
  gone("ValidatingAdmissionPolicy", "validatingadmissionpolicy", "", `${GUARD}services`),
  changed(
    "ValidatingAdmissionPolicy",
    "validatingadmissionpolicy",
    "",
    `${GUARD}placement`,
    "spec.failurePolicy",
    put("/spec/failurePolicy", "Ignore"),
  ),
  changed(
    "ValidatingAdmissionPolicy",
    "validatingadmissionpolicy",
    "",
    `${GUARD}namespaces`,
    "spec.validations",
    put("/spec/validations", [{ expression: "true" }]),
  ),
  changed(
    "ValidatingAdmissionPolicy",
    "validatingadmissionpolicy",
    "",
    `${GUARD}claims`,
    "spec.matchConditions",
    put("/spec/matchConditions/-", { name: "never", expression: "false" }),
  ),
  changed(
    "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicybinding",
    "",
    `${GUARD}replicas`,
    "spec.validationActions",
    taken("/spec/validationActions/0"),
  ),
  changed(
    "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicybinding",
    "",
    `${GUARD}accounts`,
    "spec.matchResources",
    put("/spec/matchResources", { namespaceSelector: { matchLabels: { never: "true" } } }),
  ),
];

const CONTAINER = "/spec/template/spec/containers/0";
const SERVER = "/spec/template/spec/initContainers/0";

/** The gateway's files, the server and its Service. */
export const gateway: Weakening[] = [
  changed("Secret", "secret", HR, "gateway-policy", "data.routes.json", put("/data/routes.json", "e30=")),
  gone("Secret", "secret", FINANCE, "gateway-policy"),
  changed(
    "Secret",
    "secret",
    HR,
    "client-portal",
    "data.OLLAMA_API_KEY",
    put("/data/OLLAMA_API_KEY", "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"),
  ),
  changed("ConfigMap", "configmap", HR, "model-access", "data", {
    op: "replace",
    path: "/data",
    value: { "model-access.json": '{"allow":["llama3.1:8b"],"deny":[]}' },
  }),
  changed("Service", "service", HR, "ollama", "spec.ports", put("/spec/ports/0/targetPort", 11434)),
  changed(
    "Service",
    "service",
    FINANCE,
    "ollama",
    "spec.selector",
    put("/spec/selector", { "ollama-platform.io/tenant": "hr" }),
  ),
  changed("Deployment", "deployment", HR, "ollama", "image", put(`${CONTAINER}/image`, "registry.invalid/envoy:1")),
  changed("Deployment", "deployment", FINANCE, "ollama", "OLLAMA_HOST", put(`${SERVER}/env/0/value`, "0.0.0.0:11434")),
];

/** Volumes of models. */
export const storage: Weakening[] = [
  changed(
    "PersistentVolume",
    "persistentvolume",
    "",
    "ollama-platform-models-hr",
    "spec.persistentVolumeReclaimPolicy",
    put("/spec/persistentVolumeReclaimPolicy", "Delete"),
  ),
  changed(
    "PersistentVolume",
    "persistentvolume",
    "",
    "ollama-platform-models-finance",
    "spec.accessModes",
    put("/spec/accessModes", ["ReadWriteMany"]),
  ),
  changed(
    "PersistentVolume",
    "persistentvolume",
    "",
    "ollama-platform-models",
    "spec.capacity",
    put("/spec/capacity/storage", "1Gi"),
  ),
];
