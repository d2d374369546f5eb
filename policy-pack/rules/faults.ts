/** Findings for values that keep an analysis from answering. */
import type { ClusterModel, ModelObject } from "../model/cluster-model";
import type { Fault } from "../model/fault";
import type { Finding } from "./rule";
import { namespaceObject } from "../readers/select";

/** One finding for each fault, on the object that holds it. `consequence` is a clause such as `cannot be shown to ...`. */
export function faultFindings(model: ClusterModel, faults: readonly Fault[], consequence: string): Finding[] {
  return faults.map((fault) => ({
    object: objectOf(model, fault),
    field: fault.field,
    message: `${fault.problem}: ${consequence}.`,
    fix: fault.fix,
  }));
}

/** The object of a fault, hidden ones included; a stand-in where the model has none of the name. */
function objectOf(model: ClusterModel, { object: wanted }: Fault): ModelObject {
  if (wanted === undefined)
    return namespaceObject(model.tenantNamespaces()[0] ?? { name: "", labels: {}, platform: false, workspace: false });
  const { kind, namespace, name } = wanted;
  const found = model.objects.find(
    (o) => o.object.kind === kind && o.namespace === namespace && o.object.metadata.name === name,
  );
  const standIn = { apiVersion: "", kind, metadata: { name, namespace } };
  return found ?? { object: standIn, origin: "not declared", namespace, unknown: [] };
}
