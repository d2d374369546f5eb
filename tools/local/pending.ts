import { KubeConfig } from "@kubernetes/client-node";
import { clusterApi } from "../../verifier/cluster-api";
import { type ApiObject, ObjectApi } from "../../verifier/drift/api";
import { isGoneAfterDeletion } from "../drift/deletion";

/** A resource in the state of a stack, as far as it is looked at here. */
interface SavedResource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  parent?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
  /** Resource whose deletion takes this one along. */
  deletedWith?: string;
}

/** Output of `pulumi stack export`. */
export interface ExportedStack {
  deployment: {
    resources?: SavedResource[];
    /** What was under way when the engine died: `creating`, `updating`, `deleting`, ... */
    pending_operations?: { resource: SavedResource; type: string }[];
  };
}

/** Objects of the cluster whose deletion was under way. */
export function pendingDeletions({ deployment }: ExportedStack): SavedResource[] {
  return (deployment.pending_operations ?? [])
    .filter(({ type, resource }) => type === "deleting" && resource.type.startsWith("kubernetes:"))
    .map(({ resource }) => resource);
}

/**
 * The state without operations that are under way, and without resources that are gone and what went with them: the next update recreates
 * what is declared of them. What the dead engine was making or changing is found by that update, under the same name, and taken over.
 *
 * @param gone URNs of resources that are not there any more.
 */
export function settledState({ deployment, ...rest }: ExportedStack, gone: readonly string[]): ExportedStack {
  const { resources = [], ...others } = deployment;
  delete others.pending_operations;
  const away = new Set(gone);
  for (let before = -1; before !== away.size;) {
    before = away.size;
    for (const { urn, deletedWith } of resources) if (away.has(deletedWith ?? "")) away.add(urn);
  }
  const present = (urns: string[] = []): string[] => urns.filter((urn) => !away.has(urn));
  const kept = resources
    .filter(({ urn }) => !away.has(urn))
    .map(({ dependencies, propertyDependencies, ...resource }) => ({
      ...resource,
      ...(dependencies && { dependencies: present(dependencies) }),
      ...(propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([property, urns]) => [property, present(urns)]),
        ),
      }),
    }));
  return { ...rest, deployment: { ...others, resources: kept } };
}

/** A server's pods may finish their answers for ten minutes, and their namespace goes after them. */
const secondsToGo = 900;

/**
 * Which of the resources are gone from the cluster. One that is being deleted is waited for, since nothing can be made in its place until
 * then; one whose deletion had not begun is there.
 *
 * @param say Told what is waited for.
 */
export async function goneObjects(
  kubeconfig: string,
  resources: readonly SavedResource[],
  say: (line: string) => void,
): Promise<string[]> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const cluster = clusterApi(config);
  const api = new ObjectApi(cluster);
  const gone: string[] = [];
  try {
    for (const { urn, inputs } of resources) {
      const object = inputs as unknown as ApiObject;
      const onWait = (): void =>
        say(`waiting for ${object.kind} ${object.metadata.name}, which a dead engine had begun to delete`);
      if (await isGoneAfterDeletion(api, object, secondsToGo, onWait)) gone.push(urn);
    }
  } finally {
    cluster.close();
  }
  return gone;
}
