import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, hrPlace, type Files } from "../config/fixture";

const labelled =
  (field: string, key: string) =>
  ({ tenants }: Files) =>
    (tenants["hr"].spec[field] = { [key]: "x" });

describe("labels and annotations of a tenant's namespace", () => {
  for (const field of ["namespaceLabels", "namespaceAnnotations"]) {
    for (const key of ["example.com/cost-centre", "team", "app", "kubecost.com/department", "notkubernetes.io/x"]) {
      it(`may be people's own: ${field} ${key}`, () => assert.deepEqual(faultsAfter(labelled(field, key)), []));
    }

    for (const key of [
      "pod-security.kubernetes.io/enforce",
      "kubernetes.io/metadata.name",
      "app.kubernetes.io/part-of",
      "ollama-platform.io/tenant",
      "scheduler.alpha.kubernetes.io/node-selector",
      "resource.kubernetes.io/admin-access",
      "security.openshift.io/scc.podSecurityLabelSync",
      "openshift.io/sa.scc.uid-range",
      "field.cattle.io/projectId",
      "istio-injection",
      "istio.io/rev",
      "control-plane",
      "admission.gatekeeper.sh/ignore",
      "policies.kyverno.io/exclude",
      "pulumi.com/skipAwait",
    ]) {
      it(`may not decide about isolation: ${field} ${key}`, () =>
        assertFault(
          labelled(field, key),
          hrPlace(/^[A-Za-z0-9_:-]+$/.test(key) ? `${field}.${key}` : `${field}["${key}"]`),
          /decides how the namespace is isolated/,
        ));
    }
  }
});
