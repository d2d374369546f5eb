import assert from "node:assert/strict";
import { buildClusterModel } from "../../../policy-pack/model/cluster-model";
import { fromPulumi } from "../../../policy-pack/model/from-pulumi";
import { rules } from "../../../policy-pack/rules";
import { evaluate } from "../../../policy-pack/rules/evaluate";
import { unplaced } from "./breaks";
import { compliantObjects, find, type Loose, settings } from "./fixture";
import { UNKNOWN_STRING } from "./crossguard";
import { asResources, setUnknown } from "./unknowns";

function violations(objects: readonly Loose[]): string[] {
  const model = buildClusterModel(fromPulumi(asResources(objects)), settings.configuration);
  return evaluate(rules, model, settings.configuration).map(({ rule }) => rule);
}

/** Every place of a JSON tree below the first level, as a list of steps. */
function places(value: Loose, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return path.length > 0 ? [path] : [];
  const below = Object.keys(value).flatMap((key) => places(value[key], [...path, key]));
  return path.length > 0 ? [path, ...below] : below;
}

describe("values that are unknown at preview", () => {
  it("are refused wherever they stand in the compliant environment, and never stop the other rules", function () {
    this.timeout(60_000);
    const count = compliantObjects().length;
    for (let index = 0; index < count; index++) {
      const original = compliantObjects()[index];
      // One place of each kind of step is enough for lists of equal items.
      for (const path of places(original).filter((p) => p[0] !== "apiVersion" && p[0] !== "kind")) {
        const objects = compliantObjects();
        setUnknown(objects[index], path);
        const resource = { ...asResources([objects[index]])[0] };
        // Judged with its own namespace only: the verdict on the unknown must not need the rest.
        const namespace = objects.find(
          (o) => o.kind === "Namespace" && o.metadata.name === original.metadata.namespace,
        );
        const context = namespace === undefined ? [] : asResources([namespace]);
        const model = buildClusterModel(fromPulumi([...context, resource]), settings.configuration);
        const found = evaluate(rules, model, settings.configuration).filter((v) => v.rule === "objects/known-values");
        assert.notEqual(found.length, 0, `${original.kind} ${original.metadata.name}: ${path.join(".")}`);
      }
    }
  });

  it("do not hide a breach elsewhere from any rule", () => {
    const objects = compliantObjects();
    const namespace = objects.find((o) => o.kind === "Namespace");
    namespace.metadata.labels.note = UNKNOWN_STRING;
    objects.find((o) => o.kind === "Deployment").spec.template.spec.hostPID = true;
    objects.find((o) => o.kind === "Service").spec.type = "NodePort";
    objects.find((o) => o.kind === "Role").rules[0].resources = ["secrets"];
    const found = violations(objects);
    for (const rule of [
      "pods/host-namespaces",
      "network/service-types",
      "rbac/no-secret-access",
      "objects/known-values",
    ])
      assert.ok(found.includes(rule), rule);
  });

  /** For each rule that reports what is not there: the part of the environment that satisfies it. */
  const satisfied: [rule: string, kind: string, name: string, path: string[], refusedBy?: string][] = [
    [
      "admission/guard-present",
      "ValidatingAdmissionPolicyBinding",
      "ollama-platform-placement",
      ["spec", "policyName"],
    ],
    ["capacity/affinity-scope", "ResourceQuota", "quota-affinity", ["spec", "scopeSelector"]],
    ["capacity/priority-scope", "ResourceQuota", "quota-priority", ["spec", "hard"]],
    ["namespaces/declared", "Namespace", "tenant-hr", ["metadata", "name"]],
    ["network/default-deny", "NetworkPolicy", "default-deny", ["spec", "podSelector"]],
    ["network/dns-allowed", "NetworkPolicy", "allow-dns", ["spec", "egress"]],
    ["network/tenant-reachability", "NetworkPolicy", "allow-clients", ["spec", "ingress"]],
    ["objects/custom-resources", "ConfigMap", "model-access", ["metadata", "namespace"], "objects/known-values"],
    ["objects/explicit-namespace", "Deployment", "ollama", ["metadata", "namespace"], "objects/known-values"],
    ["objects/single-definition", "Deployment", "ollama", ["metadata", "name"], "objects/known-values"],
    ["rbac/closure", "RoleBinding", "viewer", ["subjects"], "rbac/no-broad-groups"],
  ];

  it("satisfy no rule that asks for something to be there", () => {
    assert.deepEqual(satisfied.map(([rule]) => rule).sort(), [...unplaced].sort());
    for (const [rule, kind, name, path, refusedBy = rule] of satisfied) {
      const objects = compliantObjects();
      assert.ok(setUnknown(find(objects, kind, name), path), `${kind} ${name}: ${path.join(".")}`);
      assert.ok(violations(objects).includes(refusedBy), `${rule}: ${kind} ${name}, ${path.join(".")}`);
    }
  });

  it("are refused when whole parts are unknown: a namespace, a template, a spec", () => {
    for (const part of [
      ["metadata"],
      ["metadata", "namespace"],
      ["spec"],
      ["spec", "template"],
      ["spec", "template", "spec"],
    ]) {
      const objects = compliantObjects();
      setUnknown(
        objects.find((o) => o.kind === "Deployment"),
        part,
      );
      assert.ok(violations(objects).length > 0, part.join("."));
    }
  });
});
