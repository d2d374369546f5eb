import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import { gatewayReader, httpFilters, type Part, partsWithin, TOKEN_FILTER } from "../../readers/gateways";
import type { Finding, Rule } from "../rule";

/** Whether an audience belongs to a namespace: it is the host of one of its Services. */
function isOwn(audience: unknown, namespace: string): boolean {
  const [service = "", owner, suffix, ...rest] = String(audience).split(".");
  return service !== "" && owner === namespace && suffix === "svc" && rest.length === 0;
}

const verifies = (filter: Part) =>
  filter.name === TOKEN_FILTER || String(record(filter.typed_config)["@type"]).endsWith(".JwtAuthentication");

/** What is wrong with providers that are written down in the configuration itself. */
function providerFaults(filter: Part, namespace: string): string[] {
  const providers = Object.entries(record(record(filter.typed_config).providers));
  return providers.flatMap(([name, value]) => {
    const { issuer, audiences } = record(value);
    const foreign = list(audiences as string[]).filter((audience) => !isOwn(audience, namespace));
    return [
      ...(typeof issuer === "string" && issuer !== "" ? [] : [`has the provider ${show(name)} without an issuer`]),
      ...(list(audiences as string[]).length > 0 ? [] : [`has the provider ${show(name)} without an audience`]),
      ...foreign.map((audience) => `accepts tokens for ${show(audience)}`),
    ];
  });
}

/** Audiences without which a filter lets no verified token pass; empty when it is no such filter. */
function demanded(filter: Part): unknown[] {
  const { action, policies } = record(record(filter.typed_config).rules);
  if (action !== "ALLOW") return [];
  const matchers = partsWithin(policies).filter(
    (part) => part.filter === TOKEN_FILTER && list(part.path as Part[]).at(-1)?.key === "aud",
  );
  return matchers.map(({ value }) => record(record(record(record(value).list_match).one_of).string_match).exact);
}

function faultsOf(filters: Part[], namespace: string): string[] {
  const index = filters.findIndex(verifies);
  const filter = filters[index];
  if (filter === undefined) return [];
  if (filter.config_discovery === undefined) return providerFaults(filter, namespace);
  const audiences = filters.slice(index + 1).flatMap(demanded);
  if (audiences.length === 0)
    return ["takes its accepted tokens from elsewhere, and no filter after it demands an audience"];
  return audiences
    .filter((audience) => !isOwn(audience, namespace))
    .map((audience) => `accepts tokens for ${show(audience)}`);
}

const gateways = gatewayReader((bootstrap, namespace) =>
  httpFilters(bootstrap).flatMap((filters) => faultsOf(filters, namespace)),
);

export const rule: Rule = {
  id: "models/gateway-tokens",
  title: "A gateway accepts ServiceAccount tokens that are made for its own tenant only.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K03"), owasp("K06")],
  remediation: "Set the audience to the host of the tenant's Service, <service>.<namespace>.svc, and to nothing else.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    gateways(model, configuration).flatMap(({ object, field, read: faults }): Finding[] =>
      faults.map((fault) => ({
        object,
        field,
        message: `${fault}: a token that a workload got for someone else, or for another purpose, opens this tenant's server.`,
      })),
    ),
};
