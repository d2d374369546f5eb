import { describe } from "../../model/cluster-model";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "objects/one-cluster",
  title: "All objects of a stack belong to one cluster.",
  severity: "critical",
  scope: "cluster",
  decisive: true,
  frameworks: [owasp("K04")],
  remediation:
    "Move the objects of each cluster into a stack of their own, with a configuration of the pack that describes that cluster; give all objects of one cluster one provider.",
  check: ({ objects }) => {
    const [first] = objects;
    const other = objects.find(({ cluster }) => cluster?.key !== first?.cluster?.key);
    if (first === undefined || other === undefined) return [];
    const provider = ({ cluster }: typeof first): string => cluster?.provider ?? "the default provider";
    return [
      {
        object: other,
        field: "metadata.name",
        message: `goes to the cluster of ${provider(other)}, and ${describe(first.object, first.namespace)} to that of ${provider(first)}: names, networks and guards of several clusters cannot be judged together, so no other rule was looked at.`,
      },
    ];
  },
};
