import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { ArgumentsError, parseArguments } from "../../../tools/report/arguments";
import { ReportInputError, settingsOf } from "../../../tools/report/settings";
import { judgeExport, judgeManifests, judgeObjects, objectsOf } from "../../../tools/report/state";
import { compareStates } from "../../../policy-pack/change/change";
import { buildReport } from "../../../tools/report/report";
import { repositoryRoot } from "../../../tools/local/paths";
import { compliantObjects, find, type Loose, settings, TODAY } from "./fixture";

describe("The report's command line", () => {
  it("takes a stack and one state to compare with", () => {
    const { stack, against, previous } = parseArguments(["--stack", "dev", "--against", "origin/main"]);
    assert.deepEqual([stack, against, previous], ["dev", "origin/main", undefined]);
  });

  it("takes a live cluster in the place of an earlier state", () => {
    const { live, context } = parseArguments(["--stack", "dev", "--live", "--context", "mine"]);
    assert.deepEqual([live, context], [true, "mine"]);
    for (const args of [["--live", "--against", "main"], ["--context", "mine"], ["--live=yes"]])
      assert.throws(() => parseArguments(["--stack", "dev", ...args]), ArgumentsError, args.join(" "));
  });

  it("names every fault at once", () => {
    assert.throws(
      () => parseArguments(["extra", "--stack", "../x", "--against", "-x", "--previous", "y", "--colour"]),
      (error: Error) => {
        assert.ok(error instanceof ArgumentsError);
        for (const part of ["extra", "../x", "--against", "exclude each other", "--colour"])
          assert.ok(error.message.includes(part), part);
        return true;
      },
    );
    assert.throws(() => parseArguments([]), /--stack is missing/);
  });

  it("takes manifests with settings, and the rules of some areas and frameworks", () => {
    const line = "--manifests out --namespace team-red --settings isolation.json --areas network,rbac --frameworks nsa";
    const { stack, manifests, namespace, settings, selection } = parseArguments(line.split(" "));
    assert.deepEqual([stack, manifests, namespace, settings], ["manifests", "out", "team-red", "isolation.json"]);
    assert.deepEqual(selection, { areas: ["network", "rbac"], frameworks: ["nsa"] });
  });

  it("names every fault of a question about manifests", () => {
    const refused = (line: string, ...parts: RegExp[]) => {
      for (const part of parts) assert.throws(() => parseArguments(line.split(" ")), part);
    };
    refused("--manifests out", /--settings is missing/);
    refused("--manifests out --stack dev --against main", /--against and --manifests exclude each other/);
    refused("--stack dev --namespace x", /--namespace is for --manifests only/);
    refused(
      "--stack dev --areas net --frameworks gdpr",
      /--areas "net": allowed are namespaces, network/,
      /"gdpr".*owasp/,
    );
  });
});

describe("A report on manifests", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "report-test-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("says what one on the same live objects says", () => {
    const objects = compliantObjects();
    const write = () =>
      writeFileSync(path.join(folder, "all.json"), JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    const broken = () =>
      judgeManifests(folder, undefined, settings, TODAY).judgement.violations.map(({ rule }) => rule);
    write();
    assert.deepEqual(broken(), []);
    find(objects, "Deployment", "ollama", "tenant-hr").spec.template.spec.hostNetwork = true;
    write();
    assert.ok(broken().includes("pods/host-namespaces"));
  });

  it("looks at the rules that are selected, and at those that all others rest on", () => {
    const objects = compliantObjects();
    find(objects, "Deployment", "ollama", "tenant-hr").spec.template.spec.hostNetwork = true;
    find(objects, "NetworkPolicy", "allow-clients", "tenant-hr").spec.ingress = [{}];
    const rulesBroken = (selection: object) => {
      const { judgement } = judgeObjects(objects, { ...settings, selection }, TODAY);
      return [...new Set(judgement.violations.map(({ rule }) => rule.split("/")[0]))];
    };
    assert.deepEqual(rulesBroken({ areas: ["network"] }), ["network"]);
    assert.deepEqual(rulesBroken({ areas: ["network", "pods"], frameworks: ["pod-security"] }), ["pods"]);
    find(objects, "Deployment", "ollama", "tenant-hr").spec.template.spec.hostNetwork = "?";
    objects.push({ ...objects[0] } as Loose);
    assert.ok(rulesBroken({ areas: ["rbac"] }).includes("objects"));
    const { rules } = buildReport(
      "dev",
      TODAY,
      judgeObjects(objects, { ...settings, selection: { areas: ["rbac"] } }, TODAY),
    );
    assert.equal(rules.find(({ rule }) => rule.id === "pods/host-namespaces")?.status, "off");
  });
});

describe("The report's earlier state", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "report-test-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const exported = (content: unknown): string => {
    const file = path.join(folder, "state.json");
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  const settings = settingsOf(repositoryRoot, "dev");
  interface Planned {
    apiVersion: string;
    kind: string;
    metadata: { name: string };
  }
  const resource = (object: Planned) => {
    const version = object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`;
    return {
      type: `kubernetes:${version}:${object.kind}`,
      urn: `urn:pulumi:dev::p::kubernetes:${version}:${object.kind}::${object.metadata.name}`,
      inputs: object,
    };
  };

  it("may come from the engine: the same objects are no change", () => {
    const objects = objectsOf(repositoryRoot, "dev") as Planned[];
    const file = exported({ version: 3, deployment: { resources: objects.map(resource) } });
    const change = compareStates(judgeExport(file, settings, TODAY), judgeObjects(objects, settings, TODAY));
    assert.deepEqual(change, { added: [], removed: [], changed: [], weakened: [], tightened: [] });
  });

  it("may come from the engine, which makes Secrets and leaves out empty fields: neither is a change", () => {
    const objects = objectsOf(repositoryRoot, "dev") as Planned[];
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "client-portal", namespace: "tenant-hr" } };
    const kept = objects.map((object) =>
      Object.fromEntries(Object.entries(object).filter(([, value]) => value !== false)),
    );
    const file = exported({ deployment: { resources: [...kept, secret].map((one) => resource(one as Planned)) } });
    const previous = { name: "the exported state", state: judgeExport(file, settings, TODAY), fromEngine: true };
    const { comparison } = buildReport("dev", TODAY, judgeObjects(objects, settings, TODAY), previous);
    assert.deepEqual(comparison?.change, { added: [], removed: [], changed: [], weakened: [], tightened: [] });
  });

  it("shows no secret of the engine's file", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "c2VjcmV0" };
    const config = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "c", namespace: "tenant-hr" },
      data: { a: secret },
    };
    const state = judgeExport(exported({ deployment: { resources: [resource(config)] } }), settings, TODAY);
    assert.doesNotMatch(JSON.stringify(state.model.objects), /c2VjcmV0/);
  });

  it("is refused when the file is no export", () => {
    assert.throws(() => judgeExport(exported({}), settings, TODAY), /write the file by `pulumi stack export`/);
    assert.throws(() => judgeExport(path.join(folder, "missing"), settings, TODAY), ReportInputError);
  });
});
