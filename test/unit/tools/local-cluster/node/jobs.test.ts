import assert from "node:assert/strict";
import type { AdministratorApi, Manifest } from "../../../../../tools/local-cluster/api";
import { asDeclared, repeat } from "../../../../../tools/local-cluster/node/jobs";

const given = { "controller-uid": "1", "batch.kubernetes.io/job-name": "load" };
const container = { name: "load", image: "load:1" };
const DONE = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: {
    name: "load",
    namespace: "system",
    uid: "1",
    resourceVersion: "7",
    labels: { ...given, app: "load" },
    annotations: { note: "kept" },
    managedFields: [
      { manager: "controller", operation: "Update", subresource: "status" },
      { manager: "deployer", operation: "Update" },
    ],
  },
  spec: {
    selector: { matchLabels: { "controller-uid": "1" } },
    backoffLimit: 2,
    template: { metadata: { labels: { ...given, part: "loader" } }, spec: { containers: [container] } },
  },
  status: { succeeded: 1 },
};
const DECLARED = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "load", namespace: "system", labels: { app: "load" }, annotations: { note: "kept" } },
  spec: {
    backoffLimit: 2,
    template: { metadata: { labels: { part: "loader" } }, spec: { containers: [container] } },
  },
};

/** As it is sent. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("Jobs that are done again", () => {
  it("are declared as before, without what the API server has written into them", () => {
    assert.deepEqual(sent(asDeclared(DONE)), DECLARED);
  });

  it("are made when the one before is gone, for whoever made that", async () => {
    const asked: string[] = [];
    const api = {
      find: () => Promise.resolve(DONE as Manifest),
      remove: ({ metadata }: Manifest) => Promise.resolve(void asked.push(`remove ${metadata.name}`)),
      waitForAbsence: ({ metadata }: Manifest) => Promise.resolve(void asked.push(`${metadata.name} is gone`)),
      applyFor: (made: Manifest, manager?: string) => {
        assert.deepEqual(sent(made), DECLARED);
        return Promise.resolve(void asked.push(`apply for ${manager}`));
      },
    } as Partial<AdministratorApi> as AdministratorApi;
    await repeat(DONE, api);
    assert.deepEqual(asked, ["remove load", "load is gone", "apply for deployer"]);
  });

  it("are left alone when they are gone", async () => {
    await repeat(DONE, { find: () => Promise.resolve(undefined) } as Partial<AdministratorApi> as AdministratorApi);
  });
});
