import * as k8s from "@kubernetes/client-node";

/** Who asks, as the API server sees it. */
export interface Subject {
  name: string;
  user: string;
  groups: string[];
}

/** What is asked for. Subresources are written `pods/log`. */
export interface Attempt {
  verb: string;
  group: string;
  resource: string;
  namespace?: string;
  name?: string;
}

/** Asks the API server's authorizers; a subresource is asked for as such, not as an object of that name. */
export async function isAllowed(api: k8s.AuthorizationV1Api, subject: Subject, attempt: Attempt): Promise<boolean> {
  const [resource, subresource] = attempt.resource.split("/");
  const review = await api.createSubjectAccessReview({
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: subject.user,
        groups: [...subject.groups, "system:authenticated"],
        resourceAttributes: {
          verb: attempt.verb,
          group: attempt.group,
          resource,
          subresource,
          namespace: attempt.namespace,
          name: attempt.name,
        },
      },
    },
  });
  return review.status?.allowed === true;
}

/** Asks the API server's authorizers about a path beside its resources, such as `/metrics`. */
export async function isPathAllowed(
  api: k8s.AuthorizationV1Api,
  { user, groups }: Omit<Subject, "name">,
  verb: string,
  path: string,
): Promise<boolean> {
  const spec = { user, groups: [...groups, "system:authenticated"], nonResourceAttributes: { verb, path } };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
  return (await api.createSubjectAccessReview({ body })).status?.allowed === true;
}

/** Clients of a cluster for a kubeconfig. */
export function clientsOf(kubeconfig: string) {
  const config = new k8s.KubeConfig();
  config.loadFromFile(kubeconfig);
  return {
    authorization: config.makeApiClient(k8s.AuthorizationV1Api),
    core: config.makeApiClient(k8s.CoreV1Api),
    apps: config.makeApiClient(k8s.AppsV1Api),
    custom: config.makeApiClient(k8s.CustomObjectsApi),
  };
}
