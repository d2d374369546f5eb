import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import { permittedPools, poolMentions, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

export const rule: Rule = {
  id: "placement/own-pools",
  title: "A tenant's pod selects only node pools that the tenant may use.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Select the tenant's own pool or a shared one by name.",
  configuredBy: ["pools", "tenants"],
  check: (model, configuration) => {
    const all = pools(model, configuration);
    const known = new Map(all.map((pool) => [pool.name, pool]));
    return tenantPods(model).flatMap((pod) => {
      const permitted = permittedPools(all, pod.tenant);
      const fix =
        permitted.size > 0
          ? `Select one of: ${[...permitted].join(", ")}.`
          : `Remove it: no pool is open to tenant ${pod.tenant ?? "unknown"}; one that is declares the tenant, or is listed under pools.shared in the pack's configuration.`;
      return poolMentions(model, pod, configuration.pools.keys).flatMap(({ object, path, names }): Finding[] => {
        if (names === undefined)
          return [{ object, field: path, message: "stands for pools that it does not name.", fix }];
        return names
          .filter((name) => !permitted.has(name))
          .map((name) => {
            const owner = known.get(name)?.tenant;
            const what =
              owner === undefined
                ? "a pool that neither an object nor the configuration declares"
                : `the pool of tenant ${owner}`;
            return { object, field: path, message: `is ${show(name)}, ${what}.`, fix };
          });
      });
    });
  },
};
