import { strict as assert } from "node:assert";
import { readLiveObjects } from "../../../verifier/live-objects";
import type { ApiReply, ApiRequest } from "../../../verifier/cluster-api";
import { fakeApi, ok, refused } from "./fake-api";

const resource = (name: string, kind: string, verbs = ["get", "list"]) => ({
  resource: name,
  responseKind: { kind },
  scope: "Namespaced",
  verbs,
  subresources: [],
});

const core = {
  kind: "APIGroupDiscoveryList",
  items: [
    {
      metadata: {},
      versions: [
        {
          version: "v1",
          resources: [resource("pods", "Pod"), resource("secrets", "Secret"), resource("events", "Event")],
        },
      ],
    },
  ],
};
const groups = {
  kind: "APIGroupDiscoveryList",
  items: [
    {
      metadata: { name: "apps" },
      versions: [
        { version: "v1", resources: [resource("deployments", "Deployment")] },
        { version: "v1beta1", resources: [resource("deployments", "Deployment")] },
      ],
    },
    {
      metadata: { name: "authorization.k8s.io" },
      versions: [{ version: "v1", resources: [resource("subjectaccessreviews", "SubjectAccessReview", ["create"])] }],
    },
  ],
};
const secretTable = {
  kind: "Table",
  columnDefinitions: [{ name: "Name" }, { name: "Type" }, { name: "Data" }],
  rows: [{ cells: ["a", "Opaque", 1], object: { metadata: { name: "a", namespace: "tenant-hr" } } }],
};

const server = (change: (request: ApiRequest) => ApiReply | Error | undefined = () => undefined) =>
  fakeApi((request) => {
    const changed = change(request);
    if (changed !== undefined) return changed;
    if (request.path === "/api") return ok(core);
    if (request.path === "/apis") return ok(groups);
    if (request.path.includes("/secrets")) return ok(secretTable);
    return ok({ items: [{ metadata: { name: "x" } }] });
  });

describe("reading live objects", () => {
  it("reads each resource once, in the version that the server prefers, with its kind", async () => {
    const { objects, unreadable } = await readLiveObjects(server());
    assert.deepEqual(unreadable, []);
    assert.deepEqual(
      objects.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
      ["v1 Pod", "v1 Secret", "apps/v1 Deployment"],
    );
  });

  it("asks for Secrets as a table only, so that no value is sent", async () => {
    const api = server();
    const { objects } = await readLiveObjects(api);
    const asked = api.asked.filter(({ path }) => path.includes("/secrets"));
    assert.deepEqual(
      asked.map(({ accept }) => accept),
      ["application/json;g=meta.k8s.io;v=v1;as=Table"],
    );
    assert.deepEqual(
      objects.find(({ kind }) => kind === "Secret"),
      { apiVersion: "v1", kind: "Secret", metadata: { name: "a", namespace: "tenant-hr" }, type: "Opaque" },
    );
  });

  it("takes no Secrets from a server that sends them whole", async () => {
    const { objects, unreadable } = await readLiveObjects(
      server(({ path }) => (path.includes("/secrets") ? ok({ items: [{ data: { key: "dmFsdWU=" } }] }) : undefined)),
    );
    assert.equal(
      objects.some(({ kind }) => kind === "Secret"),
      false,
    );
    assert.deepEqual(
      unreadable.map(({ what }) => what),
      ["secrets"],
    );
  });

  it("follows a list over all its pages", async () => {
    const api = server(({ path }) => {
      if (!path.startsWith("/api/v1/pods")) return undefined;
      const isSecond = path.includes("continue=next");
      return ok({
        metadata: isSecond ? {} : { continue: "next" },
        items: [{ metadata: { name: isSecond ? "b" : "a" } }],
      });
    });
    const { objects } = await readLiveObjects(api);
    assert.equal(objects.filter(({ kind }) => kind === "Pod").length, 2);
  });

  it("tells what it may not read, and reads the rest", async () => {
    const message = 'deployments.apps is forbidden: User "x" cannot list resource "deployments"';
    const { objects, unreadable } = await readLiveObjects(
      server(({ path }) => (path.includes("deployments") ? refused(403, message) : undefined)),
    );
    assert.deepEqual(unreadable, [{ what: "deployments.apps", why: message }]);
    assert.equal(objects.length, 2);
  });

  it("tells a group whose server does not answer", async () => {
    const stale = {
      ...groups,
      items: [{ metadata: { name: "example.com" }, versions: [{ version: "v1", freshness: "Stale" }] }],
    };
    const { unreadable } = await readLiveObjects(server(({ path }) => (path === "/apis" ? ok(stale) : undefined)));
    assert.deepEqual(
      unreadable.map(({ what }) => what),
      ["example.com/v1"],
    );
  });

  it("fails when the server does not tell what it serves", async () => {
    await assert.rejects(
      readLiveObjects(server(({ path }) => (path === "/apis" ? refused(403, "no") : undefined))),
      /no$/,
    );
    await assert.rejects(
      readLiveObjects(server(({ path }) => (path === "/apis" ? ok({ kind: "APIGroupList" }) : undefined))),
      /Kubernetes 1\.30/,
    );
  });
});
