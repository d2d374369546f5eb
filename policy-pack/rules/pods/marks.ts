import type { PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { harmOfMark } from "../../model/pod-marks";
import { nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

function findings({ source, path, annotations, labels }: PodSource): Finding[] {
  const metadata = path.replace(/spec$/, "metadata");
  const marks = [
    ...Object.entries(annotations).map(([key, value]) => ({ key, value, field: "annotations" })),
    ...Object.entries(labels).map(([key, value]) => ({ key, value, field: "labels" })),
  ];
  return marks.flatMap(({ key, value, field }): Finding[] => {
    const harm = harmOfMark(key, value);
    if (harm === undefined) return [];
    return [{ object: source, field: `${metadata}.${field}["${key}"]`, message: `is ${show(value)}: it ${harm}.` }];
  });
}

export const rule: Rule = {
  id: "pods/marks",
  title: "No annotation or label of a tenant's pod gives it another network, runtime, identity or container.",
  severity: "high",
  scope: "object",
  frameworks: [nsa("Kubernetes Pod security"), owasp("K01")],
  remediation: "Remove the annotation or label.",
  check: (model) =>
    tenantPods(model)
      // What is written on a controller's pod is the controller's template's, or was added by what runs in the cluster.
      .filter(({ source }) => source.object.metadata.ownerReferences === undefined)
      .flatMap(findings),
};
