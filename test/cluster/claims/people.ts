/** People and accounts with rights, for trials. */
import { binding, clusterBinding, clusterRole, type Loose, object, role, user } from "./objects";
import type { Question, Server } from "./server";

/** Who has rights in trials. */
export const joe = { user: "joe" };

/** A rule of a role. */
export const to = (apiGroups: string[], resources: string[], ...verbs: string[]): Loose => ({
  apiGroups,
  resources,
  verbs,
});

/** A namespace in which the user has the rights by a Role, once the authorizer knows. */
export async function withRights(server: Server, rules: Loose[], known: Question, labels: Loose = {}): Promise<string> {
  const namespace = await server.namespace(labels);
  await server.make(role(namespace, rules));
  await server.make(binding(namespace, "Role", "role"));
  await server.granted(joe, { ...known, namespace });
  return namespace;
}

/** A user of a name of its own with rights by a ClusterRoleBinding, once the authorizer knows. */
export async function withClusterRights(server: Server, name: string, rules: Loose[], known: Question) {
  await server.make(clusterRole(name, rules));
  await server.make(clusterBinding(name, name, [user(name)]));
  await server.granted({ user: name }, known);
  return { user: name };
}

/** A service account. */
export const account = (namespace: string, name = "app"): Loose => object("v1", "ServiceAccount", namespace, name);
