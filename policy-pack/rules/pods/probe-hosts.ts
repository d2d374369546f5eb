import { show } from "../../model/fault";
import { pss } from "../frameworks";
import type { Handler } from "../../model/kubernetes";
import type { Rule } from "../rule";
import { tenantContainers } from "../../readers/select";

export const rule: Rule = {
  id: "pods/probe-hosts",
  title: "Probes and lifecycle hooks of a tenant's container call only the container's own pod.",
  severity: "medium",
  scope: "object",
  frameworks: [pss("Baseline: Host Probes / Lifecycle Hooks")],
  remediation: "Remove the host from the probe or hook; the kubelet then calls the pod itself.",
  check: (model) =>
    tenantContainers(model).flatMap(({ pod, source }) => {
      const { livenessProbe, readinessProbe, startupProbe, lifecycle } = source.container;
      const handlers: [string, Handler | undefined][] = [
        ["livenessProbe", livenessProbe],
        ["readinessProbe", readinessProbe],
        ["startupProbe", startupProbe],
        ["lifecycle.postStart", lifecycle?.postStart],
        ["lifecycle.preStop", lifecycle?.preStop],
      ];
      return handlers.flatMap(([field, handler]) =>
        (["httpGet", "tcpSocket"] as const)
          .filter((action) => (handler?.[action]?.host ?? "") !== "")
          .map((action) => ({
            object: pod.source,
            field: `${source.path}.${field}.${action}.host`,
            message: `is ${show(handler?.[action]?.host)}: the kubelet would call that address from the node, past the tenant's network policies.`,
          })),
      );
    }),
};
