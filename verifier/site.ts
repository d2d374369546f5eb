/** What a compliant pod of a namespace looks like, learnt from the pods that are there. */
import type { ClusterModel } from "../policy-pack/model/cluster-model";
import { list, record } from "../policy-pack/model/json";
import type { Site } from "./checks/forbidden-objects";

/** The guard's policy on what pods run; its literal says which images may run in which workspace. */
const PLACEMENT_POLICY = "ollama-platform-placement";
const SERVER_IMAGE = /(^|\/)ollama\/ollama[:@]/;

/** A namespace as told by its server's pod, else by any other; undefined where nothing makes pods and nobody says which may. */
export function siteOf(model: ClusterModel, namespace: string): Site | undefined {
  const containers = model
    .podsIn(namespace)
    .flatMap(({ spec, containers: sources }) =>
      sources.map(({ container }) => ({ spec, image: container.image ?? "" })),
    );
  const example = containers.find(({ image }) => SERVER_IMAGE.test(image)) ?? containers[0];
  if (example === undefined) return emptyWorkspace(model, namespace);
  const { priorityClassName, runtimeClassName } = record(example.spec);
  return {
    namespace,
    image: example.image,
    priorityClass: textOf(priorityClassName),
    runtimeClass: textOf(runtimeClassName),
  };
}

/** A workspace in which nothing runs yet: the guard's own policy says which images may. */
function emptyWorkspace(model: ClusterModel, namespace: string): Site | undefined {
  if (model.namespaces.get(namespace)?.workspace !== true) return undefined;
  const policy = model.find("", "ValidatingAdmissionPolicy", "admissionregistration.k8s.io", PLACEMENT_POLICY);
  const variables = list(record(policy?.object.spec).variables as Record<string, unknown>[] | undefined);
  const text = String(variables.find(({ name }) => name === "repositories")?.expression);
  const [literal] = /^\{[^}]*\}/.exec(text) ?? [];
  if (literal === undefined) return undefined;
  const beginnings = (JSON.parse(literal) as Record<string, string[]>)[namespace] ?? [];
  const repository = beginnings.find((beginning) => beginning.endsWith("/"));
  return repository === undefined ? undefined : { namespace, image: `${repository}verifier-probe:0` };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
