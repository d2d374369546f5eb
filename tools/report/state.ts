/** States of an environment: now, at a git revision, and as the engine last left it. */
import * as path from "node:path";
import { loadStackFile } from "../../components/config/load";
import { planPlatform, platformObjects } from "../../components/plan/platform";
import type { State } from "../../policy-pack/change/weakening";
import type { PackSettings } from "../../policy-pack/settings/load";
import { buildClusterModel, type SourceObject } from "../../policy-pack/model/cluster-model";
import { fromLive } from "../../policy-pack/model/from-live";
import { fromManifests } from "../../policy-pack/model/from-manifests";
import { fromPulumi, type PulumiResource } from "../../policy-pack/model/from-pulumi";
import { rules } from "../../policy-pack/rules";
import { type Judgement, judging as judgingModel } from "../../policy-pack/rules/judge";
import { atOnce, type Turns } from "../../policy-pack/rules/turns";
import { readJson, ReportInputError } from "./settings";

/** A state with the pack's verdict on it. */
export interface JudgedState extends State {
  judgement: Judgement;
  settings: PackSettings;
}

/** What the stack file of a checkout declares, planned by this version of the program. */
export function objectsOf(root: string, stack: string): unknown[] {
  return platformObjects(planPlatform(loadStackFile(path.join(root, `Pulumi.${stack}.yaml`))));
}

/** Judges plain Kubernetes objects. `today` is a date as YYYY-MM-DD, on which exemptions are looked at. */
export function judgeObjects(objects: readonly unknown[], settings: PackSettings, today: string): JudgedState {
  return atOnce(judgingObjects(objects, settings, today));
}

/** The same in steps. */
export function* judgingObjects(
  objects: readonly unknown[],
  settings: PackSettings,
  today: string,
): Turns<JudgedState> {
  const sources = fromLive(objects);
  yield;
  return yield* judging(sources, settings, today);
}

/** Judges a file or folder of manifests; `namespace` is that of objects that name none. */
export function judgeManifests(
  place: string,
  namespace: string | undefined,
  settings: PackSettings,
  today: string,
): JudgedState {
  return atOnce(judging(fromManifests(place, namespace), settings, today));
}

/** Judges the resources of a file made by `pulumi stack export`. */
export function judgeExport(file: string, settings: PackSettings, today: string): JudgedState {
  const { deployment } = readJson(file, file) as { deployment?: { resources?: unknown } };
  const resources = deployment?.resources;
  if (!Array.isArray(resources))
    throw new ReportInputError(`${file}: has no deployment.resources; write the file by \`pulumi stack export\``);
  return atOnce(judging(sourcesOf(resources as ExportedResource[]), settings, today));
}

/** Kubernetes objects among resources as `pulumi stack export` writes them. */
export function sourcesOf(resources: readonly ExportedResource[]): SourceObject[] {
  return fromPulumi(resources.map(pulumiResource));
}

/** Judges objects in steps, of one stack or of several that make one environment. */
export function* judging(sources: readonly SourceObject[], settings: PackSettings, today: string): Turns<JudgedState> {
  const model = buildClusterModel(sources, settings.configuration);
  yield;
  const judgement = yield* judgingModel(rules, model, settings, today);
  const { violations, advisories, exempted } = judgement;
  const all = [...violations, ...advisories, ...exempted.map(({ violation }) => violation)];
  return { model, configuration: settings.configuration, settings, violations: all, judgement };
}

/** A resource in an exported state, as far as the pack looks at it. */
export interface ExportedResource {
  type: string;
  urn: string;
  inputs?: Record<string, unknown>;
}

function pulumiResource({ type, urn, inputs }: ExportedResource): PulumiResource {
  return {
    type,
    urn,
    name: urn.split("::").at(-1) ?? "",
    props: withoutSecrets(inputs ?? {}) as PulumiResource["props"],
  };
}

/** Key by which the engine marks special values, and the mark of secrets. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The value with a fixed text in the place of every secret; the value itself where it has none, since copying takes long. */
function withoutSecrets(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(withoutSecrets);
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) return "[secret]";
  const keys = Object.keys(object);
  const children = keys.map((key) => withoutSecrets(object[key]));
  if (keys.every((key, index) => children[index] === object[key])) return value;
  return Object.fromEntries(keys.map((key, index) => [key, children[index]]));
}
