import type { KubernetesObject } from "../../../components/plan/kubernetes";

/** What a judge holds against an object. */
export interface Finding {
  judge: "kube-score" | "kubeconform" | "trivy";
  /** Name of the judge's check. */
  check: string;
  /** Name of the stack that the object is part of. */
  stack: string;
  /** `Kind namespace/name`, or `Kind name` for objects without namespace. */
  object: string;
  /** What the judge says, with the place where it names one. */
  message: string;
}

/** The objects of a stack as a judge reads them: one file an object, so that a finding's file tells whose it is. */
export interface ManifestFolder {
  stack: string;
  directory: string;
  /** Object by the path of its file. */
  objects: ReadonlyMap<string, KubernetesObject>;
}

/** Names an object as findings do. */
export function objectName({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;
}

/** Whose the file is that a judge names; throws for a file that the judge was not given. */
export function ownerOf(folders: readonly ManifestFolder[], file: string): Pick<Finding, "stack" | "object"> {
  for (const { stack, objects } of folders) {
    const object = objects.get(file);
    if (object !== undefined) return { stack, object: objectName(object) };
  }
  throw new Error(`a judge names a file that it was not given: ${file}`);
}

/** A finding as one line of text. */
export function describeFinding({ judge, check, stack, object, message }: Finding): string {
  return `${judge} ${check} on ${object} of ${stack}: ${message}`;
}
