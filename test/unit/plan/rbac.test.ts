import * as assert from "node:assert/strict";
import type { PolicyRule, Role, RoleBinding, ServiceAccount } from "../../../components/plan/kubernetes";
import { tenantObjects } from "../../../components/plan/tenant/tenant";
import { changed, faultsOf, find, namesOf, planOf, planWith } from "./fixture";

const ROLES = ["viewer", "operator"];

/** What the people of a role may do: operators are bound to both roles. */
function rules(role: string): PolicyRule[] {
  const roles = role === "operator" ? ROLES : [role];
  return roles.flatMap((name) => find<Role>(planOf("finance"), "Role", name).rules);
}

function grants(role: string, resource: string): string[] {
  return rules(role)
    .filter(({ resources }) => resources?.includes(resource))
    .flatMap(({ verbs }) => verbs);
}

describe("Roles of a tenant", () => {
  for (const role of ROLES) {
    it(`name resources and verbs one by one: ${role}`, () => {
      for (const { apiGroups = [], resources = [], verbs, nonResourceURLs = [] } of rules(role)) {
        assert.ok(![...apiGroups, ...resources, ...verbs].some((word) => word.includes("*")));
        assert.deepEqual(nonResourceURLs, []);
      }
    });

    for (const resource of [
      "secrets",
      "pods/exec",
      "pods/attach",
      "pods/portforward",
      "pods/proxy",
      "pods/ephemeralcontainers",
      "services/proxy",
      "serviceaccounts/token",
      "roles",
      "rolebindings",
    ]) {
      it(`give the ${role} nothing on ${resource}`, () => assert.deepEqual(grants(role, resource), []));
    }

    for (const resource of ["networkpolicies", "resourcequotas", "limitranges", "deployments", "serviceaccounts"]) {
      it(`let the ${role} look at ${resource} and not change them`, () => {
        assert.deepEqual([...new Set(grants(role, resource))].sort(), ["get", "list", "watch"]);
      });
    }

    it(`let the ${role} see what \`kubectl get all\` lists, and the own namespace`, () => {
      const listed = ["replicationcontrollers", "statefulsets", "daemonsets", "cronjobs"];
      for (const resource of listed) assert.deepEqual(grants(role, resource), ["get", "list", "watch"]);
      const found = rules(role).filter(({ resources }) => resources?.includes("namespaces"));
      assert.deepEqual(
        found.map(({ resourceNames, verbs }) => [resourceNames, verbs]),
        [[["tenant-finance"], ["get"]]],
      );
    });

    it(`let the ${role} read the model list and no other ConfigMap`, () => {
      const [rule, ...others] = rules(role).filter(({ resources }) => resources?.includes("configmaps"));
      assert.deepEqual(others, []);
      assert.deepEqual([rule?.resourceNames, rule?.verbs], [["model-access"], ["get"]]);
    });
  }

  it("let operators restart pods and scale the server, and viewers not", () => {
    assert.ok(grants("operator", "pods").includes("delete"));
    assert.ok(grants("operator", "deployments/scale").includes("patch"));
    assert.ok(!grants("viewer", "pods").includes("delete"));
    assert.deepEqual(grants("viewer", "deployments/scale"), []);
  });

  it("are bound to the tenant's groups, each once, and to nothing else", () => {
    const plan = planWith("finance", (tenant) => {
      tenant.access = { viewers: ["b", "a", "b"], operators: ["c"] };
    });
    const viewers = find<RoleBinding>(plan, "RoleBinding", "viewer");
    assert.deepEqual(
      viewers.subjects.map(({ kind, name }) => [kind, name]),
      [
        ["Group", "a"],
        ["Group", "b"],
        ["Group", "c"],
      ],
    );
    assert.equal(viewers.roleRef.kind, "Role");
  });

  it("bind operators to both roles", () => {
    for (const role of ROLES) {
      const { subjects } = find<RoleBinding>(planOf("finance"), "RoleBinding", role);
      assert.ok(subjects.some(({ name }) => name === "finance-admins"));
    }
  });

  it("have no binding when there is no group", () => assert.deepEqual(namesOf(planOf("legal"), "RoleBinding"), []));

  it("let everybody look and nobody operate when the tenant is suspended", () => {
    const plan = planWith("finance", (tenant) => {
      tenant.suspended = true;
    });
    assert.deepEqual(namesOf(plan, "RoleBinding"), ["viewer"]);
  });

  for (const group of ["system:authenticated", "system:masters", "system:serviceaccounts:kube-system", " "]) {
    it(`are never bound to ${JSON.stringify(group)}`, () => {
      const faults = faultsOf(
        changed("hr", (tenant) => {
          tenant.access = { operators: [group] };
        }),
      );
      assert.match(faults.join(), /^tenant hr: access\.operators\[0\]: /);
    });
  }

  it("are bound to groups of one tenant each", () => {
    const both = changed("hr", (tenant) => {
      tenant.access = { operators: ["hr-staff", "finance-staff"] };
    });
    const faults = faultsOf(both);
    assert.equal(faults.length, 1);
    assert.match(
      faults[0] ?? "",
      /^tenant hr: access\.operators\[1\]: "finance-staff" is a group of the tenant finance/,
    );
  });

  it("are not bound to the server's account, which mounts no token", () => {
    const plan = planOf("finance");
    assert.equal(find<ServiceAccount>(plan, "ServiceAccount", "ollama").automountServiceAccountToken, false);
    const subjects = tenantObjects(plan).flatMap((object) =>
      object.kind === "RoleBinding" ? (object as RoleBinding).subjects : [],
    );
    assert.ok(subjects.every(({ kind }) => kind === "Group"));
  });
});
