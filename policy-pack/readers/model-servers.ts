/** Ollama servers, for the rules under `models/`. */
import type { ClusterModel, PodSource } from "../model/cluster-model";
import { list } from "../model/json";
import type { PackConfiguration } from "../settings/settings";
import type { Container } from "../model/kubernetes";
import type { ContainerSource } from "../model/pods";
import { inWorkspace, tenantContainers } from "./select";

/** Whether a container has the server's image, which asks for every GPU of its node. */
export function hasServerImage({ image }: Container, { models }: PackConfiguration): boolean {
  const repository = String(image ?? "")
    .replace(/@.*$/, "")
    .replace(/:[^/:]*$/, "");
  return models.serverImages.some((name) => repository === name || repository.endsWith(`/${name}`));
}

/** Whether a word of a command line is a shell's script that starts a server. */
export function isServingScript(word: string): boolean {
  return /(^|[\s/;&|"'])ollama["']?\s+serve\b/.test(word);
}

/**
 * Whether a container runs an Ollama server: by its command, the server's own variable, or its image without another command.
 *
 * @param isClient Whether it is a program of a tenant's own, to which the variable tells where the server is. Default: false.
 */
export function isModelServer(container: Container, configuration: PackConfiguration, isClient = false): boolean {
  const words = [...list(container.command), ...list(container.args)].map(String);
  const serves =
    (words.some((word) => word === "serve") &&
      (words.length === 1 || words.some((word) => /(^|\/)ollama$/.test(word)))) ||
    words.some(isServingScript);
  const listens = list(container.env).some((v) => v?.name === "OLLAMA_HOST") && words.length === 0;
  // A job that pulls models has the image too, but serves nobody.
  return serves || (listens && !isClient) || (words.length === 0 && hasServerImage(container, configuration));
}

/** A container that runs an Ollama server, with its pod. */
export interface ModelServer {
  pod: PodSource;
  source: ContainerSource;
}

/** Many rules ask for the same servers one after the other. */
const known = new WeakMap<ClusterModel, { configuration: PackConfiguration; servers: readonly ModelServer[] }>();

/** Every container of a tenant that runs an Ollama server. */
export function modelServers(model: ClusterModel, configuration: PackConfiguration): readonly ModelServer[] {
  const before = known.get(model);
  if (before?.configuration === configuration) return before.servers;
  const servers = tenantContainers(model).filter(({ pod, source }) =>
    isModelServer(source.container, configuration, inWorkspace(model, pod)),
  );
  known.set(model, { configuration, servers });
  return servers;
}

/** Stands for the value of a variable that is taken from somewhere else. */
export const FROM_REFERENCE = "(from a reference)";

/** Value of an environment variable, and its place; the last one wins as in the container. */
export function variable(
  container: Container,
  path: string,
  name: string,
): { value: string | undefined; field: string } {
  const variables = list(container.env);
  const index = variables.findLastIndex((v) => v?.name === name);
  if (index < 0) return { value: undefined, field: `${path}.env` };
  return { value: variables[index]?.value ?? FROM_REFERENCE, field: `${path}.env[${index}]` };
}
