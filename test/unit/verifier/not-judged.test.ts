/** What was not looked at, or could not be seen, is never told as holding, nor as gone. */
import { strict as assert } from "node:assert";
import { buildClusterModel } from "../../../policy-pack/model/cluster-model";
import { fromLive } from "../../../policy-pack/model/from-live";
import { loadSettings, type PackSettings } from "../../../policy-pack/settings/load";
import { healthCheck } from "../../../verifier/checks/health";
import { checkDrift } from "../../../verifier/checks/drift";
import { rightsCheck } from "../../../verifier/checks/rights";
import { rulesCheck } from "../../../verifier/checks/rules";
import type { Subject } from "../../../verifier/checks/check";
import type { ApiObject } from "../../../verifier/drift/api";
import { renderJunit } from "../../../verifier/formats/junit";
import { renderPage } from "../../../verifier/formats/page";
import { renderSarif } from "../../../verifier/formats/sarif";
import { renderTable } from "../../../verifier/formats/table";
import { summarize, type Result } from "../../../verifier/result";
import { presence } from "../../../verifier/verify";
import { compliantObjects, financePod, find, ruleIds, settings, type Loose } from "../policy-pack/fixture";
import { fakeApi, ok } from "./fake-api";
import { subjectOf } from "./subject";

const silent = () => fakeApi(() => new Error("asked although nothing had to be asked"));
const reason = "for the sake of this test";
const outcomeOf = (results: readonly Result[], id: string) => results.find((result) => result.id === id)?.outcome;

/** Settings of the fixture with other levels and exemptions. */
function settingsWith(more: Record<string, unknown>): PackSettings {
  const { levels, exemptions, selection } = loadSettings(more, ruleIds);
  return { ...settings, levels, exemptions, selection };
}

/** The rules' results on a cluster in which finance's pod uses the host's network. */
async function judged(used: PackSettings): Promise<Result[]> {
  return rulesCheck.run({
    ...subjectOf(silent(), (objects) => (financePod(objects).hostNetwork = true)),
    settings: used,
  });
}

describe("rules that were not looked at", () => {
  it("are inconclusive where a decisive rule is broken, whatever the settings accept of it", async () => {
    const [first, ...others] = fromLive(compliantObjects());
    assert.ok(first);
    const sources = [{ ...first, cluster: { key: "two", provider: "the provider two" } }, ...others];
    const exemptions = [{ rule: "objects/one-cluster", object: "Namespace tenant-hr", reason, expires: "2031-01-01" }];
    for (const used of [
      settings,
      settingsWith({ rules: { "objects/one-cluster": { level: "advisory", reason } }, exemptions }),
    ]) {
      const subject: Subject = {
        ...subjectOf(silent()),
        settings: used,
        model: buildClusterModel(sources, used.configuration),
      };
      const results = await rulesCheck.run(subject);
      assert.deepEqual(
        results.filter(({ outcome }) => outcome === "isolated"),
        [],
      );
      assert.match(
        results.find(({ id }) => id === "rules/network/default-deny")?.found ?? "",
        /not looked at: objects\/one-cluster is broken/,
      );
      assert.equal(summarize(results, { leastCoverage: 0 }).exitCode, 1);
    }
  });

  it("are told where the settings switch them off, and are no pass", async () => {
    const results = await judged(settingsWith({ rules: { "pods/host-namespaces": { level: "disabled", reason } } }));
    const off = results.find(({ id }) => id === "rules/pods/host-namespaces");
    assert.deepEqual([off?.outcome, off?.accepted], ["inconclusive", `switched off: ${reason}`]);
    assert.equal(outcomeOf(results, "rules/network/default-deny"), "isolated");
  });

  it("are left out where the settings do not select them", async () => {
    const results = await judged(settingsWith({ selection: { areas: ["network"] } }));
    assert.equal(outcomeOf(results, "rules/network/default-deny"), "isolated");
    assert.equal(outcomeOf(results, "rules/rbac/closure"), undefined);
  });
});

describe("breaches that the settings accept", () => {
  const object = "Deployment tenant-finance/ollama";
  const accepting = {
    "an exemption": { exemptions: [{ rule: "pods/host-namespaces", object, reason, expires: "2031-01-01" }] },
    "a rule that only advises": { rules: { "pods/host-namespaces": { level: "advisory", reason } } },
  };
  for (const [what, more] of Object.entries(accepting))
    it(`are open all the same, and fail nothing: ${what}`, async () => {
      const results = await judged(settingsWith(more));
      const breach = results.find(({ id }) => id.startsWith("rules/pods/host-namespaces "));
      assert.equal(breach?.outcome, "open");
      assert.match(breach?.accepted ?? "", new RegExp(reason));
      assert.equal(outcomeOf(results, "rules/pods/host-namespaces"), undefined, "is not told as holding");
      const own = results.filter(({ id }) => id.startsWith("rules/pods/host-namespaces"));
      const summary = summarize(
        own.concat({ id: "x", question: "network", tried: "", outcome: "isolated", found: "" }),
        {},
      );
      assert.deepEqual([summary.exitCode, summary.accepted, summary.coverage], [0, 1, 100]);
    });

  it("are told with their reason in every form of the verdict", async () => {
    const results = await judged(settingsWith(accepting["an exemption"]));
    const summary = summarize(results, {});
    const page = renderPage(results, summary, {
      server: "https://cluster.invalid",
      started: "",
      ended: "",
      stack: "dev",
      reach: { sources: [], targets: [], connections: [], refusal: undefined } as Loose,
    });
    assert.match(page, new RegExp(`Accepted by the settings: exempt until 2031-01-01: ${reason}`));
    assert.match(renderTable(results, summary, new Set()), new RegExp(`accepted: exempt until 2031-01-01: ${reason}`));
    assert.match(renderJunit(results), /<skipped message="[^"]*accepted: exempt/);
    assert.match(renderSarif(results), /"suppressions": \[\s+\{\s+"kind": "external",\s+"justification": "exempt/);
  });
});

describe("what could not be read", () => {
  /** A cluster of which one resource could not be listed, so that none of its objects is known. */
  const without = (what: string, kind: string, api = silent()): Subject => {
    const subject = subjectOf(api, (objects) =>
      objects.splice(0, Infinity, ...objects.filter((one) => one.kind !== kind)),
    );
    subject.live.unreadable.push({ what, why: "forbidden" });
    return subject;
  };

  it("is not told as a namespace that is missing", () => {
    const [result] = presence(without("namespaces", "Namespace"), ["tenant-hr"]);
    assert.equal(result?.outcome, "inconclusive");
    assert.equal(presence(subjectOf(silent()), ["tenant-gone"])[0]?.outcome, "open");
  });

  it("is not told as a server that is missing", async () => {
    const results = await healthCheck.run(without("deployments.apps", "Deployment"));
    assert.deepEqual([...new Set(results.map(({ outcome }) => outcome))], ["inconclusive"]);
  });

  it("is not told as an object that is gone", async () => {
    const quota = find(compliantObjects(), "ResourceQuota", "quota", "tenant-hr") as ApiObject;
    const subject = without("resourcequotas", "ResourceQuota");
    subject.live.resources.push({
      group: "",
      version: "v1",
      resource: "resourcequotas",
      kind: "ResourceQuota",
    } as Loose);
    const [result] = await checkDrift(subject, [quota]);
    assert.equal(result?.outcome, "inconclusive");
    assert.match(result?.found ?? "", /could not be read: resourcequotas \(forbidden\)/);
  });

  it("is not told as custom objects that are gone, where the server of their group is away", async () => {
    const pool: ApiObject = { apiVersion: "karpenter.sh/v1", kind: "NodePool", metadata: { name: "finance-gpu" } };
    const [result] = await checkDrift(without("karpenter.sh/v1", "NodePool"), [pool]);
    assert.equal(result?.outcome, "inconclusive");
  });

  it("lets nobody foresee rights, and leaves those undecided who are not known", async () => {
    const api = fakeApi((request) => {
      const { groups = [] } = ((request.body as Loose)?.spec ?? {}) as { groups?: string[] };
      return ok({ status: { allowed: groups.includes("system:masters"), incomplete: true } });
    });
    const results = await rightsCheck.run(without("rolebindings.rbac.authorization.k8s.io", "RoleBinding", api));
    assert.equal(outcomeOf(results, "rights"), "inconclusive");
    assert.deepEqual(
      results.filter(({ disagreement }) => disagreement !== undefined),
      [],
    );
  });
});
