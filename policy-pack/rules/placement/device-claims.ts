import { show } from "../../model/fault";
import { DEVICE_GROUP, type DeviceRequest, deviceRequests, podClaims } from "../../readers/device-claims";
import { tenantObjects, tenantPods } from "../../readers/select";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

/** What is wrong with one request for devices. */
function faults(
  { path, deviceClass, adminAccess }: DeviceRequest,
  classes: readonly string[],
): Omit<Finding, "object">[] {
  const isAdmin = adminAccess !== undefined && adminAccess !== false;
  const isKnown = typeof deviceClass === "string" && classes.includes(deviceClass);
  return [
    ...(isAdmin
      ? [
          {
            field: `${path}.adminAccess`,
            message: `is ${show(adminAccess)}: the claim would reach devices that other tenants are using.`,
            fix: "Remove adminAccess from the device request.",
          },
        ]
      : []),
    ...(isKnown
      ? []
      : [
          {
            field: `${path}.deviceClassName`,
            message: `is ${show(deviceClass)}, which is no class of devices that tenants may claim.`,
            fix: "Name a class under pools.deviceClasses of the pack's configuration, or remove the claim and request the GPU resource of the tenant's pool.",
          },
        ]),
  ];
}

export const rule: Rule = {
  id: "placement/device-claims",
  title: "Tenants claim devices of the listed classes only, and none with administrative access.",
  severity: "critical",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Claim a device of a class under pools.deviceClasses, without adminAccess.",
  configuredBy: ["pools"],
  check: (model, { pools: { deviceClasses } }) => {
    const claims = ["ResourceClaim", "ResourceClaimTemplate"].flatMap((kind) =>
      tenantObjects(model, kind, DEVICE_GROUP).flatMap((object) =>
        deviceRequests(object).flatMap((request) =>
          faults(request, deviceClasses).map((fault) => ({ object, ...fault })),
        ),
      ),
    );
    const unknown = tenantPods(model).flatMap((pod) =>
      podClaims(model, pod)
        .filter(({ from }) => from === undefined)
        .map(({ path, name }) => ({
          object: pod.source,
          field: path,
          message: `names the ${name}, which is not declared in the pod's namespace, so that nobody knows which devices it claims.`,
          fix: "Declare it beside the pod.",
        })),
    );
    return [...claims, ...unknown];
  },
};
