import type { AdministratorApi, Manifest } from "../api";

/** Labels that the API server gives to a Job and to its pods, by which it knows them apart from those of another Job of the name. */
const GIVEN = ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

interface Labelled {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface Job extends Manifest {
  metadata: Manifest["metadata"] &
    Labelled & { managedFields?: { manager: string; operation: string; subresource?: string }[] };
  spec: { selector?: unknown; template: { metadata?: Labelled; spec: object } };
}

/** Does a Job again that is done: its place is taken by a new one, which belongs to whoever had applied it. */
export async function repeat(job: Manifest, api: AdministratorApi): Promise<void> {
  const found = await api.find(job);
  if (found === undefined) return;
  await api.remove(found);
  await api.waitForAbsence(found);
  const { managedFields = [] } = (found as Job).metadata;
  const applied =
    managedFields.find(({ operation }) => operation === "Apply") ??
    managedFields.find(({ subresource }) => subresource === undefined);
  await api.applyFor(asDeclared(found as Job), applied?.manager);
}

/** A Job without what the API server has written into it. */
export function asDeclared({ metadata, spec }: Job): Manifest {
  const { name, namespace, annotations } = metadata;
  const template = {
    ...spec.template,
    metadata: { ...spec.template.metadata, labels: ownLabels(spec.template.metadata) },
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace, labels: ownLabels(metadata), annotations },
    spec: { ...spec, selector: undefined, template },
  };
}

const ownLabels = ({ labels = {} }: Labelled = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !GIVEN.includes(key)));
