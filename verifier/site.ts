/** What a compliant pod of a namespace looks like, learnt from the pods that are there. */
import type { ClusterModel } from "../policy-pack/model/cluster-model";
import { record } from "../policy-pack/model/json";
import type { Site } from "./checks/forbidden-objects";

const SERVER_IMAGE = /(^|\/)ollama\/ollama[:@]/;

/** A namespace as told by its server's pod, else by any other; undefined where nothing makes pods. */
export function siteOf(model: ClusterModel, namespace: string): Site | undefined {
  const containers = model
    .podsIn(namespace)
    .flatMap(({ spec, containers: sources }) =>
      sources.map(({ container }) => ({ spec, image: container.image ?? "" })),
    );
  const example = containers.find(({ image }) => SERVER_IMAGE.test(image)) ?? containers[0];
  if (example === undefined) return undefined;
  const { priorityClassName, runtimeClassName } = record(example.spec);
  return {
    namespace,
    image: example.image,
    priorityClass: textOf(priorityClassName),
    runtimeClass: textOf(runtimeClassName),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
