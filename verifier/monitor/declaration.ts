/** What the monitor is told about the platform: what is declared, and how the policy pack judges it. No secret is in it. */
import { gunzipSync } from "node:zlib";
import { MONITOR_OBJECT, monitorFileName } from "../../components/plan/monitor/names";
import { MONITOR_NAMESPACE } from "../../components/spec/names";
import { list, record } from "../../policy-pack/model/json";
import { loadSettings, type PackSettings } from "../../policy-pack/settings/load";
import { rules } from "../../policy-pack/rules";
import { normalize } from "../../policy-pack/model/normalize";
import type { LiveObject } from "./objects";

/** The content of the declaration's file: JSON, compressed by gzip. */
export interface DeclarationFile {
  schemaVersion: 1;
  environment: string;
  /** Settings of the policy pack, as its configuration file has them. */
  settings: Record<string, unknown>;
  /** Tenants with their namespaces. */
  tenants: { name: string; namespace: string }[];
  /** Clients whose keys or tokens have an end, in RFC 3339. */
  expiries: { tenant: string; client: string; expires: string }[];
  /** Declared objects, without Secrets. */
  objects: LiveObject[];
}

/** The same, with the settings checked. */
export interface MonitorDeclaration extends Omit<DeclarationFile, "settings"> {
  settings: PackSettings;
  /** Name of the ConfigMap with the declaration, which tells its content. */
  name: string;
}

/**
 * Reads the file's content.
 *
 * @throws Error when it is no such file.
 * @throws PackConfigurationError when the settings are refused.
 */
export function readDeclaration(content: Buffer): MonitorDeclaration {
  const file = JSON.parse(gunzipSync(content).toString("utf8")) as DeclarationFile;
  if (file.schemaVersion !== 1)
    throw new Error(`the declaration has schemaVersion ${String(file.schemaVersion)}, not 1`);
  const settings = loadSettings(
    file.settings,
    rules.map(({ id }) => id),
  );
  const name = monitorFileName("declaration", content);
  for (const object of file.objects) nameDeclaration(object, name);
  return { ...file, objects: file.objects.map((object) => normalize({ ...object })), settings, name };
}

/** Fills the declaration's name into the monitor's own Deployment: whoever gives the next pod another declaration is seen by this one. */
function nameDeclaration({ kind, metadata, spec }: LiveObject, name: string): void {
  if (kind !== "Deployment" || metadata.namespace !== MONITOR_NAMESPACE || metadata.name !== MONITOR_OBJECT.monitor)
    return;
  const { volumes } = record(record(record(spec).template).spec) as { volumes?: { configMap?: { name?: string } }[] };
  for (const { configMap } of list(volumes)) if (configMap?.name === "") configMap.name = name;
}
