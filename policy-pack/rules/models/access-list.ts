import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import { modelServers } from "../../readers/model-servers";
import type { Finding, Rule } from "../rule";
import { namespaceObject } from "../../readers/select";

/** `host/namespace/model:tag` in lower case: the one spelling of a model that cannot be confused with another. */
const canonical = /^[a-z0-9._:-]+\/[a-z0-9_-]+\/[a-z0-9_][a-z0-9_.-]*:[a-z0-9_][a-z0-9_.-]*$/;

/** What is wrong with an access list, given as JSON text. */
function faults(text: unknown, tenant: string): string[] {
  let document: Record<string, unknown>;
  try {
    document = record(JSON.parse(String(text)));
  } catch {
    return ["is no JSON document"];
  }
  const { default: fallback, allow, deny, tenant: owner } = document;
  const names = [...list(allow as string[]), ...list(deny as string[])];
  const both = list(allow as string[]).filter((name) => list(deny as string[]).includes(name));
  return [
    ...(fallback === "deny" ? [] : [`has default ${show(fallback)}; only "deny" closes what it does not list`]),
    ...(owner === tenant ? [] : [`is the list of tenant ${show(owner)}`]),
    ...(Array.isArray(allow) && Array.isArray(deny) ? [] : ["lacks the lists allow and deny"]),
    ...names
      .filter((name) => typeof name !== "string" || !canonical.test(name))
      .map((name) => `contains ${show(name)}, which is no canonical name (host/namespace/model:tag in lower case)`),
    ...both.map((name) => `allows and denies ${show(name)}`),
  ];
}

export const rule: Rule = {
  id: "models/access-list",
  title: "Every tenant with a model server has a list of the models it may use, closed by default.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K04")],
  remediation:
    'Add the ConfigMap with a JSON document {"schemaVersion": 1, "tenant": "<name>", "default": "deny", "allow": [...], "deny": [...]}.',
  configuredBy: ["models", "tenants"],
  check: (model, configuration) => {
    const { accessConfigMap } = configuration.models;
    if (accessConfigMap === "") return [];
    const serving = new Set(modelServers(model, configuration).map(({ pod }) => pod.namespace));
    return model
      .tenantNamespaces()
      .filter((namespace) => serving.has(namespace.name))
      .flatMap((namespace): Finding[] => {
        const configMap = model.find(namespace.name, "ConfigMap", "", accessConfigMap);
        const documents = Object.entries(record(configMap?.object.data));
        if (configMap === undefined || documents.length === 0)
          return [
            {
              object: configMap ?? namespaceObject(namespace),
              field: configMap === undefined ? "metadata.name" : "data",
              message: `has no ${configMap === undefined ? `ConfigMap ${accessConfigMap}` : "document"} that lists the tenant's models.`,
            },
          ];
        return documents.flatMap(([key, text]) =>
          faults(text, namespace.tenant ?? "").map((fault) => ({
            object: configMap,
            field: `data["${key}"]`,
            message: `${fault}.`,
          })),
        );
      });
  },
};
