import assert from "node:assert/strict";
import { renderPage } from "../../../tools/report/html/page";
import { liveStates } from "../../../tools/report/live";
import { renderMarkdown } from "../../../tools/report/markdown";
import { buildReport, type Report } from "../../../tools/report/report";
import type { LiveDrift } from "../../../verifier/checks/drift";
import type { ApiObject } from "../../../verifier/drift/api";
import { fakeApi } from "../verifier/fake-api";
import { subjectOf } from "../verifier/subject";
import { compliantObjects, find, type Loose, TODAY } from "./fixture";

const RBAC = "rbac.authorization.k8s.io";
const declared = compliantObjects() as unknown as ApiObject[];

/** What every cluster has beside the platform. */
const ofTheCluster: Loose[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "elsewhere" } },
  {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "deployers" },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: RBAC, kind: "User", name: "someone" }],
  },
  { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt", namespace: "tenant-hr" } },
];

function reportOn(change: (objects: Loose[]) => void = () => undefined, drift: LiveDrift[] = []): Report {
  const subject = subjectOf(
    fakeApi(() => new Error("asked although nothing had to be asked")),
    (objects) => {
      objects.push(...structuredClone(ofTheCluster));
      change(objects);
    },
  );
  const { state, previous } = liveStates(subject, declared, drift);
  return buildReport("dev", TODAY, state, previous, "https://cluster.invalid");
}
const weakened = (report: Report) => report.comparison?.change.weakened.map(({ what }) => what).join("\n") ?? "";

describe("the report on a live cluster", () => {
  it("says that nothing is weaker where everything is as declared, whatever else the cluster has", () => {
    const report = reportOn();
    assert.equal(weakened(report), "");
    assert.deepEqual(report.comparison?.change.added, []);
    assert.match(renderMarkdown(report), /Nothing is weaker than before/);
  });

  it("tells no rule as holding that was not looked at", () => {
    const status = (report: Report, id: string) => report.rules.find(({ rule }) => rule.id === id)?.status;
    assert.equal(status(reportOn(), "objects/single-definition"), "off");
    assert.equal(status(reportOn(), "network/default-deny"), "holds");
    const subject = subjectOf(fakeApi(() => new Error("asked although nothing had to be asked")));
    const selected = { ...subject, settings: { ...subject.settings, selection: { areas: ["network"] } } };
    const { state, previous } = liveStates(selected, declared, []);
    const report = buildReport("dev", TODAY, state, previous, "https://cluster.invalid");
    assert.equal(status(report, "rbac/closure"), "off");
    assert.doesNotMatch(renderMarkdown(report), new RegExp(`\\(${report.rules.length} rules`));
    const other = { ...state, judgement: { ...state.judgement, skipped: ["network/default-deny"] } };
    assert.equal(status(buildReport("dev", TODAY, other), "network/default-deny"), "skipped");
  });

  it("says who can reach a tenant when a policy lets everybody in", () => {
    const report = reportOn((objects) =>
      objects.push({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "allow-all", namespace: "tenant-hr" },
        spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
      }),
    );
    assert.match(weakened(report), /can open .* on .*tenant-hr/);
    assert.match(weakened(report), /Rule network\/[a-z-]+ is broken: NetworkPolicy tenant-hr\/allow-all/);
    assert.deepEqual(report.comparison?.change.added, ["NetworkPolicy tenant-hr/allow-all"]);
    assert.match(renderPage(report), /What differs from the declaration/);
    assert.doesNotMatch(renderMarkdown(report), /Nothing is weaker/);
  });

  it("says which right a tenant's people have gained in the whole cluster", () => {
    const report = reportOn((objects) => {
      const [subject] = find(objects, "RoleBinding", "viewer").subjects;
      objects.push({
        apiVersion: `${RBAC}/v1`,
        kind: "ClusterRoleBinding",
        metadata: { name: "by-hand" },
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" },
        subjects: [subject],
      });
    });
    assert.match(weakened(report), /may, in the whole cluster/);
  });

  it("says which fence is gone, and which field someone has changed", () => {
    const quota = find(compliantObjects(), "ResourceQuota", "quota") as unknown as ApiObject;
    const report = reportOn(
      (objects) =>
        objects.splice(
          objects.findIndex(({ kind, metadata }) => kind === "LimitRange" && metadata.namespace === "tenant-hr"),
          1,
        ),
      [
        {
          object: quota,
          fields: [{ path: ["spec", "hard", "pods"], declared: "5", live: "500", manager: "kubectl-edit" }],
        },
      ],
    );
    assert.match(weakened(report), /LimitRange tenant-hr\/\S+ is gone/);
    const [changed] = report.comparison?.change.changed ?? [];
    assert.deepEqual(changed?.fields, [{ path: "spec.hard.pods", before: '"5"', after: '"500", by kubectl-edit' }]);
  });

  it("is refused where a part of the cluster could not be read", () => {
    const subject = subjectOf(fakeApi(() => new Error("asked although nothing had to be asked")));
    subject.live.unreadable.push({ what: "rolebindings", why: "forbidden" });
    assert.throws(() => liveStates(subject, declared, []), /rolebindings \(forbidden\)/);
  });
});
