import { DeclarationError } from "./spec/fault";

/** Object whose UID is a cluster's identity: every cluster has it from its first moment to its last, and no other cluster has the same. */
export const IDENTITY_PATH = "/api/v1/namespaces/kube-system";

/** Key of a stack's config that pins the cluster. */
export const IDENTITY_KEY = "kubernetes:clusterIdentifier";

/** The cluster behind a kubeconfig, as far as it told who it is. */
export interface AskedCluster {
  /** How the kubeconfig leads to it: context and address, without credentials. */
  place: string;
  /** UID of its namespace `kube-system`. Absent when it could not be asked. */
  identity?: string;
  /** Why it could not be asked. */
  reason?: string;
}

/** What is known of the cluster of a stack before anything is done to it. */
export interface ClusterKnowledge {
  /** Name of the stack. */
  stack: string;
  /** The cluster that the run would change. */
  asked: AskedCluster;
  /** Identity that the stack had after its last update. Absent before the first. */
  remembered?: string;
  /** Identity that the stack's config pins. Default: none, the cluster is asked. */
  pinned?: string;
  /** Whether the run only shows what it would do. */
  isPreview: boolean;
}

/**
 * Identity of the cluster that the run is for. The address, the context, the certificate and the path by which it is reached are no
 * part of it. Undefined in a preview when nobody knows it.
 *
 * @throws DeclarationError when the cluster is not the one that the stack belongs to, or, unless it is a preview, when nobody can tell.
 */
export function identifyCluster(knowledge: ClusterKnowledge): string | undefined {
  const { asked, remembered, pinned, isPreview } = knowledge;
  if (asked.identity === undefined) {
    if (pinned === undefined && !isPreview) throw silentCluster(asked);
    return pinned ?? remembered;
  }
  const expected = pinned ?? remembered;
  if (expected !== undefined && expected !== asked.identity) throw otherCluster(knowledge, expected);
  return asked.identity;
}

function silentCluster({ place, reason }: AskedCluster): DeclarationError {
  return new DeclarationError([
    {
      file: "kubeconfig",
      path: place,
      problem: `the cluster is unreachable: ${reason ?? "no answer"}`,
      allowed:
        "a cluster that tells the UID of its namespace kube-system, so that no other cluster is changed by mistake",
      fix:
        "correct KUBECONFIG or `kubernetes:context`, or wait until the API server answers; where the namespace must not be read, " +
        `pin the cluster with \`pulumi config set ${IDENTITY_KEY} <UID of the namespace kube-system>\``,
    },
  ]);
}

function otherCluster({ stack, asked, pinned }: ClusterKnowledge, expected: string): DeclarationError {
  const owner =
    pinned === undefined ? `the objects of stack ${stack} are in` : `\`${IDENTITY_KEY}\` of stack ${stack} names`;
  return new DeclarationError([
    {
      file: "kubeconfig",
      path: asked.place,
      value: `cluster ${asked.identity ?? ""}`,
      problem: `is another cluster: ${owner} cluster ${expected}`,
      allowed: "the same cluster, by whatever address, context, certificate or path",
      fix:
        "point KUBECONFIG or `kubernetes:context` at it, or use another stack for this cluster; when the old cluster is gone for good, " +
        `move the stack: \`pulumi config set ${IDENTITY_KEY} ${asked.identity ?? ""}\`, then \`pulumi up --refresh\`, which makes ` +
        "everything again and keeps the clients' keys",
    },
  ]);
}
