import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** Labels and annotations that take a namespace out of an admission control, or hand its pods to another owner. */
const exempting: { key: RegExp; harm: string }[] = [
  { key: /^admission\.gatekeeper\.sh\/ignore$/, harm: "takes the namespace out of Gatekeeper's policies" },
  { key: /^kyverno\.io\/|^policies\.kyverno\.io\//, harm: "changes which Kyverno policies apply" },
  {
    key: /^resource\.kubernetes\.io\/admin-access$/,
    harm: "lets the API server take claims in the namespace that reach devices which other tenants use",
  },
  {
    key: /^scheduler\.alpha\.kubernetes\.io\//,
    harm: "overrides, where the admission plug-ins PodNodeSelector or PodTolerationRestriction are on, where the namespace's pods run and what they tolerate",
  },
  { key: /^control-plane$/, harm: "is the mark by which many webhooks skip a namespace" },
];

export const rule: Rule = {
  id: "namespaces/admission-exemptions",
  title: "No label or annotation takes a tenant's namespace out of an admission control.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: "Remove the label or annotation from the namespace.",
  check: (model) =>
    model.tenantNamespaces().flatMap((namespace) => {
      const object = namespaceObject(namespace);
      const { labels = {}, annotations = {} } = object.object.metadata;
      return Object.entries({ labels, annotations }).flatMap(([field, entries]) =>
        Object.entries(entries).flatMap(([key, value]) => {
          const found = exempting.find((e) => e.key.test(key));
          if (found === undefined) return [];
          return [{ object, field: `metadata.${field}["${key}"]`, message: `is ${show(value)}: it ${found.harm}.` }];
        }),
      );
    }),
};
