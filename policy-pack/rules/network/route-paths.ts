import type { ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { owasp } from "../frameworks";
import { CONFIGURATION_SYNTAX, specOf, tenantIngresses, tenantRoutes } from "../../readers/ingress";
import type { Finding, Rule } from "../rule";

/** What RFC 3986 allows in a path, without the characters that proxies give a meaning: `$`, `;`, `'`, `(` and `)`. */
const PLAIN_PATH = /^\/[A-Za-z0-9._~!&*+,=:@%/-]*$/;

/** Repetitions in a regular expression, whose braces are none of a configuration. */
const REPETITION = /\{\d+(,\d*)?\}/g;

function ingressPaths(object: ModelObject): Finding[] {
  return list(specOf(object).rules as unknown[]).flatMap((rule, i) =>
    list(record(record(rule).http).paths as unknown[]).flatMap((value, j): Finding[] => {
      const { path } = record(value);
      if (path === undefined || (typeof path === "string" && PLAIN_PATH.test(path))) return [];
      return [
        {
          object,
          field: `spec.rules[${i}].http.paths[${j}].path`,
          message: `is ${show(path)}, which is no plain path: controllers write it into their proxy's configuration, for every tenant's hosts.`,
        },
      ];
    }),
  );
}

/** Every text below a key `path` of a route's rules: of matches, rewrites and redirects. */
function routePaths(object: ModelObject, value: unknown, field: string, within = false): Finding[] {
  if (typeof value === "string") {
    if (!within || !CONFIGURATION_SYNTAX.test(value.replace(REPETITION, ""))) return [];
    return [{ object, field, message: `is ${show(value)}, which a proxy could take for a part of its configuration.` }];
  }
  if (Array.isArray(value)) return value.flatMap((item, i) => routePaths(object, item, `${field}[${i}]`, within));
  return Object.entries(record(value)).flatMap(([key, child]) =>
    routePaths(object, child, `${field}.${key}`, within || key === "path"),
  );
}

export const rule: Rule = {
  id: "network/route-paths",
  title: "Paths of a tenant's Ingresses and routes hold nothing that a proxy's configuration could take for its own.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K07")],
  remediation: "Write the path with letters, digits and `/._~!&*+,=:@%-` only.",
  check: (model) => [
    ...tenantIngresses(model).flatMap(ingressPaths),
    ...tenantRoutes(model).flatMap((route) => routePaths(route, specOf(route).rules, "spec.rules")),
  ],
};
