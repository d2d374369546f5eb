import { show } from "../../model/fault";
import { list } from "../../model/json";
import { owasp } from "../frameworks";
import { boundPools, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";
import { runtimeClassOf, tenantPods } from "../../readers/select";

/** Handlers of container runtimes that share the node's kernel with the container, whatever the RuntimeClass is called. */
const NO_SANDBOX = ["runc", "crun", "youki", "nvidia"];

export const rule: Rule = {
  id: "placement/isolation-level",
  title: "A tenant's pods run on nodes of their own, and in a sandbox, where the tenant's isolation level says so.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Select a pool dedicated to the tenant, and set runtimeClassName for sandboxed tenants.",
  configuredBy: ["isolationLevels", "pools"],
  check: (model, configuration) => {
    const { label, dedicatedNodes, sandboxed, sandboxRuntimeClasses } = configuration.isolationLevels;
    const dedicated = new Map(pools(model, configuration).map((pool) => [pool.name, pool.tenant]));
    const own = (tenant: string | undefined) =>
      [...dedicated].flatMap(([name, owner]) => (owner === tenant ? [name] : [])).join(", ") || "it has none yet";
    return tenantPods(model).flatMap((pod) => {
      const level = model.namespaces.get(pod.namespace)?.labels[label] ?? "";
      const findings: Finding[] = [];
      const bound = boundPools(pod, configuration.pools.keys);
      const alone =
        bound !== undefined && bound.length > 0 && bound.every((name) => dedicated.get(name) === pod.tenant);
      if (dedicatedNodes.includes(level) && !alone)
        findings.push({
          object: pod.source,
          field: `${pod.path}.nodeSelector`,
          message: `leads to ${bound === undefined ? "any node" : `pool ${bound.join(", ")}`}, but isolation level ${show(level)} promises nodes that no other tenant uses.`,
          fix: `Select a pool that is dedicated to the tenant: ${own(pod.tenant)}.`,
        });
      if (sandboxed.includes(level) && !list(sandboxRuntimeClasses).includes(pod.spec.runtimeClassName ?? ""))
        findings.push({
          object: pod.source,
          field: `${pod.path}.runtimeClassName`,
          message: `is ${show(pod.spec.runtimeClassName)}, but isolation level ${show(level)} promises a sandbox.`,
          fix: `Set runtimeClassName to one of: ${sandboxRuntimeClasses.join(", ")}.`,
        });
      const runtimeClass = sandboxed.includes(level) ? runtimeClassOf(model, pod) : undefined;
      const handler = runtimeClass?.object.handler;
      if (runtimeClass !== undefined && (typeof handler !== "string" || NO_SANDBOX.includes(handler)))
        findings.push({
          object: runtimeClass,
          field: "handler",
          message: `is ${show(handler)}, which is no sandbox, but isolation level ${show(level)} promises one to ${pod.namespace}.`,
          fix: "Set handler to that of a sandbox, such as runsc or kata, or name another RuntimeClass.",
        });
      return findings;
    });
  },
};
