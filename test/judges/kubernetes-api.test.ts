/**
 * Nothing of the API of Kubernetes is unknown to the pack: a kind, a right or a field of pods that a new release brings is
 * read by a rule, refused, or listed with the reason why it does no harm.
 */
import assert from "node:assert/strict";
import { isClusterWide, isReview } from "../../policy-pack/analysis/rbac/resources";
import { forbiddenRights } from "../../policy-pack/analysis/rbac/rights";
import { isKnownKind } from "../../policy-pack/model/known-kinds";
import { makesPods } from "../../policy-pack/model/pods";
import { isClusterScoped, isKubernetesGroup } from "../../policy-pack/model/scope";
import { harmOfSource } from "../../policy-pack/model/volume-types";
import { ensureDataFiles } from "../../tools/install";
import { harmlessFields, harmlessKinds, harmlessRights } from "./support/harmless-api";
import {
  type ApiKind,
  type ApiResource,
  type KubernetesApi,
  readKubernetesApi,
  shortName,
} from "./support/kubernetes-api";
import { POD_SPEC, type Reads, whatRulesRead } from "./support/watched-model";

const RELEASES = {
  "the local cluster": "kubernetes-openapi",
  "the newest release": "kubernetes-newest-openapi",
} as const;

/** Definitions by which a kind gives rights, or has the API server ask someone. */
const rightsParts = ["PolicyRule", "RoleRef", "Subject", "WebhookClientConfig", "ServiceReference", "TokenRequestSpec"];
const writing = ["create", "update", "patch", "delete", "deletecollection", "connect"];

const apiVersionOf = ({ group, version }: ApiKind) => (group === "" ? version : `${group}/${version}`);
const nameOf = ({ kind, group }: ApiKind) => `${kind}.${group}`;
const isRefused = (kind: ApiKind) =>
  !isKnownKind(kind.kind, apiVersionOf(kind)) && !isClusterScoped(kind.kind, apiVersionOf(kind));
const isRead = ({ kind, group }: ApiKind, { kinds }: Reads) => kinds.has(`${kind}.${group}`) || kinds.has(`${kind}.*`);

const listed = <T>(table: Readonly<Record<string, T>>): T[] => Object.values(table);
const knownKinds = new Set(listed(harmlessKinds).flat());
const knownRights = new Set(
  listed(harmlessRights)
    .flat()
    .flatMap((line) => {
      const [verbs = "", resource = ""] = line.split(" ");
      return verbs.split(",").map((verb) => `${verb} ${resource}`);
    }),
);
const knownFields = new Set(
  listed(harmlessFields).flatMap((owners) =>
    Object.entries(owners).flatMap(([owner, names]) => names.split(" ").map((name) => `${owner}.${name}`)),
  ),
);

/** Verbs of a resource that change something or open a connection, and that no row of the table of rights has. */
function openVerbs({ group, resource, verbs }: ApiResource): string[] {
  const rows = forbiddenRights.filter((row) => row.group === group && [resource, "*"].includes(row.resource));
  return [...verbs].filter((verb) =>
    verb === "connect" ? rows.length === 0 : writing.includes(verb) && !rows.some((row) => row.verbs.includes(verb)),
  );
}

/** Fields of pods as the pack could come to read them: volumes that are refused are not looked into. */
const podFields = (api: KubernetesApi) =>
  api
    .fieldsOf(
      POD_SPEC,
      ({ owner, name }) => name !== "metadata" && !(owner === "Volume" && harmOfSource(name) !== undefined),
    )
    .map(({ owner, name }) => ({ owner, key: `${owner}.${name}` }));

describe("The API of Kubernetes", function () {
  this.timeout(120_000);
  const apis = new Map<string, KubernetesApi>();
  const reads = new Map<string, Reads>();
  const ofAll = <T>(pick: (api: KubernetesApi) => readonly T[]): T[] => [...apis.values()].flatMap(pick);

  before(async () => {
    for (const [release, files] of Object.entries(RELEASES)) {
      const api = readKubernetesApi((await ensureDataFiles([files])).get(files) ?? "");
      apis.set(release, api);
      reads.set(release, whatRulesRead(api));
    }
  });

  for (const release of Object.keys(RELEASES)) {
    const api = () => apis.get(release) ?? assert.fail();
    const read = () => reads.get(release) ?? assert.fail();

    it(`makes pods by no kind whose template the pack does not find: ${release}`, () => {
      const makers = api().kinds.filter(({ parts }) => parts.includes(POD_SPEC));
      assert.ok(makers.length >= 9, `${makers.length} kinds`);
      const unknown = makers.filter(
        (kind) => !makesPods({ apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { name: "x" } }),
      );
      assert.deepEqual(unknown.map(nameOf), []);
    });

    it(`has no kind with a selector, or one that gives rights, that no rule reads: ${release}`, () => {
      const selects = ({ parts }: ApiKind) =>
        parts.some((part) =>
          api()
            .propertiesOf(part)
            .some((name) => /selectors?$/i.test(name)),
        );
      const gives = ({ parts }: ApiKind) => parts.some((part) => rightsParts.includes(shortName(part)));
      const concerned = api().kinds.filter((kind) => !kind.parts.includes(POD_SPEC) && (selects(kind) || gives(kind)));
      assert.ok(concerned.length > 25, `${concerned.length} kinds`);
      const unknown = concerned.filter(
        (kind) => !isRead(kind, read()) && !isRefused(kind) && !knownKinds.has(nameOf(kind)),
      );
      assert.deepEqual(unknown.map(nameOf), []);
    });

    it(`has no right to change something or to connect that the table of rights does not know: ${release}`, () => {
      const open = api()
        .resources.filter(({ group, resource }) => !isReview(group, resource))
        .flatMap((resource) => openVerbs(resource).map((verb) => `${verb} ${resource.resource}.${resource.group}`));
      assert.deepEqual(
        open.filter((right) => !knownRights.has(right)),
        [],
      );
    });

    it(`has no group, and no kind or resource outside namespaces, that the pack takes for another: ${release}`, () => {
      const wrong = api()
        .resources.filter(({ group, resource }) => !isReview(group, resource))
        .filter(({ group, resource, namespaced }) => isClusterWide(group, resource) === namespaced);
      assert.deepEqual(
        wrong.map(({ group, resource }) => `${resource}.${group}`),
        [],
      );
      const misplaced = api()
        .resources.filter(({ group, resource }) => !isReview(group, resource))
        .filter(
          ({ kind, group, namespaced }) =>
            kind !== undefined && isClusterScoped(kind, `${group}/v1`.replace(/^\//, "")) === namespaced,
        );
      assert.deepEqual(
        misplaced.map(({ kind, group }) => `${kind}.${group}`),
        [],
      );
      const stored = new Set(
        api()
          .resources.filter(({ namespaced }) => namespaced)
          .map(({ group }) => group),
      );
      assert.deepEqual(
        [...stored].filter((group) => !isKubernetesGroup(group)),
        [],
      );
    });

    it(`has no field of pods that no rule reads and that nobody has called harmless: ${release}`, () => {
      const fields = podFields(api());
      assert.ok(fields.length > 350, `${fields.length} fields`);
      const unknown = fields.filter(
        ({ owner, key }) => !read().fields.has(key) && !knownFields.has(key) && !knownFields.has(`${owner}.*`),
      );
      assert.deepEqual(
        unknown.map(({ key }) => key),
        [],
      );
    });
  }

  it("has everything that is called harmless, and no rule knows it", () => {
    const rights = ofAll(({ resources }) =>
      resources.flatMap((resource) =>
        openVerbs(resource).map((verb) => `${verb} ${resource.resource}.${resource.group}`),
      ),
    );
    assert.deepEqual(
      [...knownRights].filter((right) => !rights.includes(right)),
      [],
    );
    const kinds = [...apis].flatMap(([release, { kinds }]) =>
      kinds.filter((kind) => !isRead(kind, reads.get(release) ?? assert.fail())).map(nameOf),
    );
    assert.deepEqual(
      [...knownKinds].filter((kind) => !kinds.includes(kind)),
      [],
    );
    const unread = [...apis].flatMap(([release, api]) =>
      podFields(api).filter(({ key }) => reads.get(release)?.fields.has(key) === false),
    );
    assert.deepEqual(
      [...knownFields].filter((field) => !unread.some(({ owner, key }) => [key, `${owner}.*`].includes(field))),
      [],
    );
  });

  it("would have an unknown field, right and kind if a release added one", () => {
    const api = apis.get("the newest release") ?? assert.fail();
    const { fields } = reads.get("the newest release") ?? assert.fail();
    assert.ok(fields.has("PodSpec.hostNetwork") && !fields.has("PodSpec.hostEverything"));
    assert.deepEqual(
      openVerbs({ group: "apps", resource: "pods/teleport", namespaced: true, verbs: new Set(["create"]) }),
      ["create"],
    );
    assert.ok(isRefused({ group: "apps", kind: "SwarmSet", version: "v1", parts: [] }));
    assert.ok(podFields(api).some(({ key }) => key === "SecurityContext.privileged"));
  });
});
