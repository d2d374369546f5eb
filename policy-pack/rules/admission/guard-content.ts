import type { ModelObject } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { record } from "../../model/json";
import { ADMISSION_GROUP } from "../../readers/admission";
import { owasp } from "../frameworks";
import { digestOf, exemptions, needsGuard, requestsOf, REVIEWED, sharedImages } from "../guard";
import type { Finding, Rule } from "../rule";

type Fault = Omit<Finding, "object">;

/** Parts of what a policy matches that take requests out of it. */
const NARROWING = ["namespaceSelector", "objectSelector", "excludeResourceRules"];

function narrowed(spec: Record<string, unknown>): Fault[] {
  const constraints = record(spec.matchConstraints);
  const found = NARROWING.filter((field) => JSON.stringify(constraints[field] ?? {}).length > 2).map((field) => ({
    field: `spec.matchConstraints.${field}`,
    message: "takes requests out of the policy.",
    fix: `Remove ${field}.`,
  }));
  if (spec.paramKind !== undefined)
    found.push({
      field: "spec.paramKind",
      message: "makes the policy depend on objects that go stale without notice.",
      fix: "Write the values into the policy.",
    });
  return found;
}

function spared(spec: Record<string, unknown>, deployers: readonly string[]): Fault[] {
  const users = exemptions(spec);
  const unknown = users?.filter((user) => !deployers.includes(user));
  if (unknown?.length === 0) return [];
  return [
    {
      field: "spec.matchConditions",
      message:
        unknown === undefined
          ? "spares users that cannot be read."
          : `spares ${unknown.map(show).join(", ")}, whom the configuration does not name as deployer.`,
      fix: "Name only the users that deploy the platform, and list them under admission.deployers in the pack's configuration.",
    },
  ];
}

function content(name: string, spec: Record<string, unknown>, accepted: Record<string, string>): Fault[] {
  const digest = digestOf(spec);
  const known = REVIEWED[name];
  if (accepted[name] === digest) return [];
  if (known === undefined)
    return [
      {
        field: "spec.validations",
        message: "is no policy of the platform's guard, and what its expressions refuse cannot be decided here.",
        fix: `Write ${digest}, after a review, as its digest under admission.reviewedPolicies in the pack's configuration.`,
      },
    ];
  const requests = requestsOf(spec);
  const missing = known.requests.filter((request) => !requests.has(request));
  const findings: Fault[] = [];
  if (missing.length > 0)
    findings.push({
      field: "spec.matchConstraints.resourceRules",
      message: `lacks ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ` and ${missing.length - 5} more` : ""}: such requests pass unasked.`,
      fix: "List every resource with its subresources, its operations and apiVersions [*].",
    });
  if (digest !== known.digest)
    findings.push({
      field: "spec.validations",
      message: "differs, with its conditions and variables, from the reviewed policy of the platform's guard.",
      fix: `Use the policy as the platform plans it, or write ${digest}, after a review, as its digest under admission.reviewedPolicies in the pack's configuration.`,
    });
  return findings;
}

function shared(spec: Record<string, unknown>): Fault[] {
  return sharedImages(spec).map(({ namespaces: [one, other], images }) => ({
    field: "spec.variables",
    message: `lets ${one} and ${other} both run images that begin with ${show(images)}: each could run the other's programs.`,
    fix: "Give each tenant's workspace a repository of its own.",
  }));
}

export const rule: Rule = {
  id: "admission/guard-content",
  title:
    "The admission policies that hold tenants' isolation ask about every request that they have to, and decide as reviewed.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K04")],
  remediation: "Use the policy as the platform plans it.",
  configuredBy: ["admission"],
  check: (model, { admission }) => {
    const judged = new Set([
      ...admission.requiredPolicies,
      ...(needsGuard(admission, model) ? Object.keys(REVIEWED) : []),
    ]);
    return model
      .of("ValidatingAdmissionPolicy", ADMISSION_GROUP)
      .filter(({ object }) => judged.has(object.metadata.name))
      .flatMap((policy: ModelObject): Finding[] => {
        const spec = record(policy.object.spec);
        return [
          ...narrowed(spec),
          ...spared(spec, admission.deployers),
          ...content(policy.object.metadata.name, spec, admission.reviewedPolicies),
          ...shared(spec),
        ].map((finding) => ({ object: policy, ...finding }));
      });
  },
};
