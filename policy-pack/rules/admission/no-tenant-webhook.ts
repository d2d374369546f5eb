import type { ModelObject } from "../../model/cluster-model";
import { record } from "../../model/json";
import { webhooks } from "../../readers/admission";
import { cis, owasp } from "../frameworks";
import type { Rule } from "../rule";

export const rule: Rule = {
  id: "admission/no-tenant-webhook",
  title: "No webhook, aggregated API or conversion of the cluster is served from a tenant's namespace.",
  severity: "critical",
  scope: "object",
  frameworks: [cis("5.1.12"), owasp("K04")],
  remediation: "Serve it from a platform namespace.",
  configuredBy: ["tenants"],
  check: (model) => {
    const services: { object: ModelObject; field: string; service: Record<string, unknown> }[] = [
      ...webhooks(model).map(({ configuration, webhook, path }) => ({
        object: configuration,
        field: `${path}.clientConfig.service`,
        service: record(record(webhook.clientConfig).service),
      })),
      ...model.of("APIService", "apiregistration.k8s.io").map((object) => ({
        object,
        field: "spec.service",
        service: record(record(object.object.spec).service),
      })),
      ...model.of("CustomResourceDefinition", "apiextensions.k8s.io").map((object) => ({
        object,
        field: "spec.conversion.webhook.clientConfig.service",
        service: record(record(record(record(record(object.object.spec).conversion).webhook).clientConfig).service),
      })),
    ];
    return services.flatMap(({ object, field, service }) => {
      const namespace = typeof service.namespace === "string" ? service.namespace : undefined;
      const tenant = namespace === undefined ? undefined : model.tenantOf(namespace);
      if (tenant === undefined) return [];
      return [
        {
          object,
          field,
          message: `lies in ${namespace}: tenant ${tenant} would read, and may change, every object of the kinds concerned.`,
        },
      ];
    });
  },
};
