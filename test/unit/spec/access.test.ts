import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, financePlace, hrPlace, placeOf, type Files } from "../config/fixture";

describe("access", () => {
  for (const role of ["viewers", "operators"]) {
    for (const group of [
      "system:masters",
      "system:authenticated",
      "system:unauthenticated",
      "System:Masters",
      "system:serviceaccounts:tenant-hr",
      "k8s:serviceaccounts",
      "finance-*",
    ]) {
      it(`refuses the group ${group} among ${role}`, () => {
        assertFault(
          ({ tenants }) => (tenants["finance"].spec.access[role] = ["staff", group]),
          financePlace(`access.${role}[1]`),
          /Kubernetes itself|service accounts|letter by letter/,
        );
      });
    }
  }

  it("refuses every group that two tenants name, in whatever role, at the second of them", () => {
    const faults = faultsAfter(({ tenants }) => {
      tenants["hr"].spec.access = { viewers: ["hr-staff", "finance-operators"], operators: ["finance-analysts"] };
    });
    assert.deepEqual(faults.map(placeOf), [hrPlace("access.viewers[1]"), hrPlace("access.operators[0]")]);
    for (const { problem } of faults) assert.match(problem, /is a group of the tenant finance as well/);
  });

  it("accepts a group that is viewer and operator of one tenant, and one that differs in a letter's case", () => {
    const change = ({ tenants }: Files) => {
      tenants["finance"].spec.access.operators = ["finance-analysts"];
      tenants["hr"].spec.access = { viewers: ["Finance-Analysts"] };
    };
    assert.deepEqual(faultsAfter(change), []);
  });

  it("refuses a group with blanks at its end, which would match nobody", () => {
    assertFault(
      ({ tenants }) => (tenants["finance"].spec.access.viewers = ["staff "]),
      financePlace("access.viewers[0]"),
      /form/,
      /`staff`/,
    );
  });

  it("accepts groups as identity providers name them", () => {
    const groups = [
      "oidc:finance/analysts",
      "finance@example.com",
      "0f2a1c3e-1111-2222-3333-444455556666",
      "Domain Users",
    ];
    assert.deepEqual(
      faultsAfter(({ tenants }) => (tenants["finance"].spec.access.viewers = groups)),
      [],
    );
  });
});
