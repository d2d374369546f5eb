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
import { judge, type Judgement } from "../../policy-pack/rules/judge";
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
  return judgeSources(fromLive(objects), settings, today);
}

/** Judges a file or folder of manifests; `namespace` is that of objects that name none. */
export function judgeManifests(
  place: string,
  namespace: string | undefined,
  settings: PackSettings,
  today: string,
): JudgedState {
  return judgeSources(fromManifests(place, namespace), settings, today);
}

/** Judges the resources of a file made by `pulumi stack export`. */
export function judgeExport(file: string, settings: PackSettings, today: string): JudgedState {
  const { deployment } = readJson(file, file) as { deployment?: { resources?: unknown } };
  const resources = deployment?.resources;
  if (!Array.isArray(resources))
    throw new ReportInputError(`${file}: has no deployment.resources; write the file by \`pulumi stack export\``);
  return judgeSources(fromPulumi((resources as ExportedResource[]).map(pulumiResource)), settings, today);
}

function judgeSources(sources: readonly SourceObject[], settings: PackSettings, today: string): JudgedState {
  const model = buildClusterModel(sources, settings.configuration);
  const judgement = judge(rules, model, settings, today);
  const { violations, advisories, exempted } = judgement;
  const all = [...violations, ...advisories, ...exempted.map(({ violation }) => violation)];
  return { model, configuration: settings.configuration, settings, violations: all, judgement };
}

interface ExportedResource {
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

/** The value with a fixed text in the place of every secret. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET) return "[secret]";
  return Object.fromEntries(Object.entries(object).map(([key, child]) => [key, withoutSecrets(child)]));
}
