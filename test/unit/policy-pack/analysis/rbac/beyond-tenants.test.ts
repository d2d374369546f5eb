import assert from "node:assert/strict";
import { type RbacFinding, rbacFindings, tenantFindings } from "../../../../../policy-pack/analysis/rbac/findings";
import type { SourceObject } from "../../../../../policy-pack/model/cluster-model";
import { bound, cluster, object, rule } from "./cluster-builder";

const findings = (...objects: SourceObject[]): RbacFinding[] => tenantFindings(cluster(...objects), "a");
const kinds = (...objects: SourceObject[]): string[] => [...new Set(findings(...objects).map(({ kind }) => kind))];

describe("what tenants can do by their rights outside tenants' namespaces", () => {
  describe("in a namespace whose pods may call tenants", () => {
    const admits = (tenant: string) =>
      object("NetworkPolicy", `tenant-${tenant}`, "allow-callers", {
        spec: {
          podSelector: {},
          ingress: [
            {
              from: [
                { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "callers" } }, podSelector: {} },
              ],
            },
          ],
        },
      });
    const inCallers = (verb: string, resource: string) => bound("callers", [rule(verb, resource)]);

    it("includes what takes its pods over, when another tenant may be called", () => {
      for (const [verb, resource] of [
        ["create", "pods/exec"],
        ["patch", "deployments"],
        ["get", "secrets"],
      ] as const) {
        const [finding] = findings(...inCallers(verb, resource), admits("b"));
        assert.equal(finding?.kind, "other-tenant", `${verb} ${resource}`);
        assert.match(finding?.explanation ?? "", /in callers, whose pods may call tenant b/);
      }
    });

    it("leaves out looking on, callers of nobody else, and namespaces that call nobody", () => {
      assert.deepEqual(kinds(...inCallers("get", "pods"), admits("b")), []);
      assert.deepEqual(kinds(...inCallers("patch", "deployments"), admits("a")), []);
      assert.deepEqual(kinds(...inCallers("patch", "deployments")), []);
    });
  });

  it("includes what a program adds to a role that Kubernetes binds to everybody", () => {
    for (const name of ["system:basic-user", "system:discovery", "system:public-info-viewer"]) {
      const role = object("ClusterRole", "", name, { rules: [rule("get", "secrets")] });
      assert.ok(kinds(role).includes("other-tenant"), name);
      const open = rbacFindings(cluster(role)).map(({ explanation }) => explanation);
      assert.ok(
        open.some((text) => text.startsWith("Anybody: get on secrets in every namespace: Group system:")),
        name,
      );
    }
  });
});
