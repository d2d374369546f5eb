import { strict as assert } from "node:assert";
import type { ApiReply, ApiRequest } from "../../../../verifier/cluster-api";
import type { Resource } from "../../../../verifier/live-objects";
import { reportWriter } from "../../../../verifier/monitor/report-writer";
import { unknownReports } from "../../../../verifier/monitor/reports";
import { eventually } from "../../../support/wait";
import { fakeApi, ok, refused } from "../fake-api";

const NAMESPACE = "ollama-platform-monitor";
const FOLDER = `/apis/wgpolicyk8s.io/v1alpha2/namespaces/${NAMESPACE}/policyreports`;

const kind = (more: Partial<Resource> = {}): Resource => ({
  group: "wgpolicyk8s.io",
  version: "v1alpha2",
  resource: "policyreports",
  kind: "PolicyReport",
  namespaced: true,
  verbs: ["create", "delete", "get", "list", "patch"],
  subresources: [],
  ...more,
});
const wantedFor = (why: string, ...names: string[]) =>
  unknownReports(
    why,
    names.map((name) => ({ name, namespace: `tenant-${name}` })),
    NAMESPACE,
  );

type Stored = Record<string, unknown> & { metadata: { name: string } };

/** A namespace with reports in it; `refusal` is what every write is answered with while it is there. */
function cluster() {
  const stored = new Map<string, Stored>();
  const now: { refusal?: ApiReply; listing?: ApiReply } = {};
  const api = fakeApi(({ method = "GET", path, body }: ApiRequest) => {
    const [, name = ""] = /\/policyreports\/([^?]+)/.exec(path) ?? [];
    if (method === "GET") return now.listing ?? ok({ metadata: {}, items: [...stored.values()] });
    if (now.refusal !== undefined) return now.refusal;
    if (method === "DELETE") return stored.delete(name) ? ok({}) : refused(404, "not found");
    stored.set(name, structuredClone(body) as Stored);
    return ok({});
  });
  const writes = () => api.asked.filter(({ method = "GET" }) => method !== "GET");
  return { api, stored, now, writes };
}

describe("the writer of policy reports", () => {
  const until = (what: string, holds: () => boolean) =>
    eventually(what, 10, () => Promise.resolve(holds() ? true : undefined));

  it("writes nothing where the cluster has no kind of report, and says so", async () => {
    const { api, writes } = cluster();
    const writer = reportWriter(api, NAMESPACE);
    writer.want(wantedFor("x", "hr"));
    await writer.look([kind({ group: "apps", resource: "deployments" })]);
    assert.deepEqual(api.asked, []);
    assert.deepEqual(writes(), []);
    assert.equal(writer.check().decided, true);
    assert.match(writer.check().results[0]?.found ?? "", /there is no such kind/);
  });

  it("writes one for each tenant and one for the cluster by server-side apply, and nothing again until something changes", async () => {
    const { api, stored, writes } = cluster();
    const writer = reportWriter(api, NAMESPACE);
    await writer.look([kind()]);
    writer.want(wantedFor("x", "hr", "finance"));
    await until("three reports", () => stored.size === 3);
    assert.ok(writes().every(({ contentType }) => contentType === "application/apply-patch+yaml"));
    assert.ok(writes().every(({ path }) => path.startsWith(`${FOLDER}/`) && path.includes("force=true")));
    writer.want(wantedFor("x", "hr", "finance"));
    await writer.look([kind()]);
    await writer.look([kind()]);
    assert.equal(writes().length, 3);
    writer.want(wantedFor("y", "hr", "finance"));
    await until("three more writes", () => writes().length === 6);
    assert.equal(writer.written(), 6);
  });

  it("writes again what someone has changed or removed, and removes those of tenants that are gone", async () => {
    const { api, stored, writes } = cluster();
    const writer = reportWriter(api, NAMESPACE);
    await writer.look([kind()]);
    writer.want(wantedFor("x", "hr", "finance", "legal"));
    await until("four reports", () => stored.size === 4);
    const hr = stored.get("tenant-hr");
    assert.ok(hr);
    stored.set("tenant-hr", { ...hr, summary: { pass: 8, fail: 0, warn: 0, error: 0, skip: 0 } });
    stored.delete("tenant-finance");
    writer.want(wantedFor("x", "hr", "finance"));
    await until("the removal", () => !stored.has("tenant-legal"));
    await writer.look([kind()]);
    await until("both", () => stored.has("tenant-finance") && stored.get("tenant-hr")?.["summary"] !== undefined);
    await until("the report as it was", () => JSON.stringify(stored.get("tenant-hr")) === JSON.stringify(hr));
    assert.deepEqual(
      writes()
        .filter(({ method }) => method === "DELETE")
        .map(({ path }) => path),
      [`${FOLDER}/tenant-legal`],
    );
  });

  it("asks for its own reports only, page by page", async () => {
    const { api } = cluster();
    await reportWriter(api, NAMESPACE).look([kind()]);
    const [{ path } = { path: "" }] = api.asked;
    const { pathname, searchParams } = new URL(path, "http://fake");
    assert.equal(pathname, FOLDER);
    assert.equal(searchParams.get("labelSelector"), "app.kubernetes.io/managed-by=ollama-platform-monitor");
    assert.ok(Number(searchParams.get("limit")) > 0);
  });

  it("is undecided while a report cannot be written or listed, and tries again at the next look", async () => {
    const { api, stored, now } = cluster();
    const writer = reportWriter(api, NAMESPACE);
    await writer.look([kind()]);
    now.refusal = refused(403, 'User "monitor" cannot patch resource "policyreports"');
    writer.want(wantedFor("x", "hr"));
    await until("the refusal", () => !writer.check().decided);
    assert.match(writer.check().results[0]?.found ?? "", /2 could not be written: .*cannot patch/);
    delete now.refusal;
    await writer.look([kind()]);
    await until("both reports", () => stored.size === 2 && writer.check().decided);
    now.listing = refused(403, 'User "monitor" cannot list resource "policyreports"');
    await writer.look([kind()]);
    assert.match(writer.check().results[0]?.found ?? "", /cannot be listed: .*cannot list/);
    assert.equal(writer.check().results[0]?.outcome, "inconclusive");
  });

  it("writes the same to every kind of report that the cluster has", async () => {
    const { api, writes } = cluster();
    const writer = reportWriter(api, NAMESPACE);
    await writer.look([
      kind(),
      kind({ group: "openreports.io", version: "v1alpha1", resource: "reports", kind: "Report" }),
    ]);
    writer.want(wantedFor("x", "hr"));
    await until("four writes", () => writes().length === 4);
    const kinds = writes().map(({ body }) => (body as { apiVersion: string; kind: string }).kind);
    assert.deepEqual(kinds, ["PolicyReport", "PolicyReport", "Report", "Report"]);
  });
});
