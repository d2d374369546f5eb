import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import type { PackConfiguration } from "../../settings/settings";
import { nist, owasp } from "../frameworks";
import { isUnder, pinOf, tenantImages } from "../../readers/images";
import { boundPools, pools } from "../../readers/pools";
import type { Finding, Rule } from "../rule";

/** Tells whether a pod can run on no node but those of pools that are its tenant's alone. */
function isAlone(model: ClusterModel, configuration: PackConfiguration): (pod: PodSource) => boolean {
  const owners = new Map(pools(model, configuration).map(({ name, tenant }) => [name, tenant]));
  return (pod) => {
    const bound = boundPools(pod, configuration.pools.keys);
    return bound !== undefined && bound.length > 0 && bound.every((name) => owners.get(name) === pod.tenant);
  };
}

/** What the API server fills in: it asks again only for the tag `latest`, written or not. */
function policyOf(written: unknown, image: unknown): unknown {
  if (written !== undefined && written !== "") return written;
  const { tag, digest } = pinOf(image);
  return digest === undefined && (tag ?? "latest") === "latest" ? "Always" : "IfNotPresent";
}

export const rule: Rule = {
  id: "images/pull-policy",
  title: "On nodes that tenants share, the registry decides at each start who may run an image.",
  severity: "medium",
  scope: "cluster",
  frameworks: [owasp("K02"), nist("4.1 Image countermeasures")],
  remediation:
    "Set the pull policy to Always, bind the pod to a pool of the tenant's own, or list the image under images.common in the pack's configuration where every tenant may run it.",
  configuredBy: ["images", "pools"],
  check: (model, configuration) => {
    const alone = isAlone(model, configuration);
    return tenantImages(model).flatMap(({ pod, image, pullPolicy, pullPolicyPath }): Finding[] => {
      const policy = policyOf(pullPolicy, image);
      // Whoever never asks takes what lies there under the name: of a common image too, unless its digest tells.
      const named = policy === "IfNotPresent" || pinOf(image).digest !== undefined;
      const harmless = named && isUnder(image, configuration.images.common);
      if (policy === "Always" || harmless || alone(pod)) return [];
      const value = pullPolicy === policy ? `is ${show(policy)}` : `is not set, and so ${show(policy)}`;
      return [
        {
          object: pod.source,
          field: pullPolicyPath,
          message: `${value}: on a node that tenants share, the pod could run a copy of ${show(image)} that another tenant's credentials have brought there, or that someone put there under that name.`,
        },
      ];
    });
  },
};
