/** Pods in another namespace, named by both the namespace and the pods' labels. */
export interface PodPeer {
  /** Namespace of the pods. */
  namespace: string;
  /** Labels that the pods carry; at least one. */
  podLabels: Record<string, string>;
}
