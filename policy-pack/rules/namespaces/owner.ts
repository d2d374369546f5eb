import { show } from "../../model/fault";
import { UNKNOWN } from "../../model/kubernetes";
import { cis } from "../frameworks";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** A tenant's name must serve as a label value and a part of names. */
const tenantNamePattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

export const rule: Rule = {
  id: "namespaces/owner",
  title: "A namespace's label and name agree on the one tenant that owns it, and platform namespaces belong to none.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.7.1")],
  remediation: "Label the namespace with the tenant whose name it carries.",
  configuredBy: ["tenants", "platformNamespaces", "fencedNamespaces"],
  check: (model, { tenants, fencedNamespaces }) =>
    [...model.namespaces.values()]
      .filter((namespace) => namespace.object !== undefined)
      .flatMap((namespace) => {
        const { namespaceLabel, namespacePattern } = tenants;
        const label = namespaceLabel === "" ? undefined : namespace.labels[namespaceLabel];
        const match = namespacePattern === "" ? null : new RegExp(namespacePattern, "u").exec(namespace.name);
        const object = namespaceObject(namespace);
        const field = `metadata.labels["${namespaceLabel}"]`;
        if (namespace.platform || fencedNamespaces.includes(namespace.name))
          return label === undefined
            ? []
            : [
                {
                  object,
                  field,
                  message: `is ${show(label)} on a platform namespace.`,
                  fix: "Remove the label: no tenant owns this namespace.",
                },
              ];
        if (label !== undefined && (label === UNKNOWN || !tenantNamePattern.test(label)))
          return [{ object, field, message: `is ${show(label)}, which names no tenant.` }];
        if (namespace.workspace || match === null || namespaceLabel === "" || label === (match[1] ?? namespace.name))
          return [];
        return [
          {
            object,
            field,
            message: `is ${show(label)}, but the namespace's name says tenant ${show(match[1] ?? namespace.name)}.`,
            fix: `Set the label to ${show(match[1] ?? namespace.name)}.`,
          },
        ];
      }),
};
