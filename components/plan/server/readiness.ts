/**
 * When a server is ready: its store has the models that it is to serve, and those that are loaded beforehand are. Ollama
 * itself answers as soon as it runs, whatever it has.
 */
import type { CatalogueModel } from "../../models/catalogue";
import type { ConfigMap, Container, Volume, VolumeMount } from "../kubernetes";
import { tenantLabels } from "../labels";
import { TENANT_OBJECT } from "../../spec/names";
import type { Tenant } from "../../spec/tenant";

const VOLUME = "model-files";
const DIRECTORY = "/etc/model-files";
/** File with the manifest of each model below the store's `manifests`, one a line. */
const MANIFESTS_FILE = "manifests";
/** File with the models that are loaded beforehand, one a line, each with the text that loads it. */
const PRELOAD_FILE = "preload";
/** Marks of one container, in its scratch volume. */
const SERVED = "/tmp/has-served";
const PRELOADED = "/tmp/has-preloaded";

/**
 * All models have to be there before the server is ready for the first time. Later one is enough: while the models of a
 * tenant change, the store and the list of models change one after the other, and servers go on.
 */
const IS_READY = `
cd "$OLLAMA_MODELS/manifests" || exit 1
found= missing=
while read -r file; do
  if [ -r "$file" ]; then found=yes; else missing="$missing $file"; fi
done < ${DIRECTORY}/${MANIFESTS_FILE}
if [ -z "$found" ] || { [ -n "$missing" ] && [ ! -e ${SERVED} ]; }; then
  echo "the store lacks$missing"
  exit 1
fi
if [ -s ${DIRECTORY}/${PRELOAD_FILE} ] && [ ! -e ${PRELOADED} ]; then
  echo "models are being loaded"
  exit 1
fi
: > ${SERVED}
`.trim();

/** Asks for each model until it has answered, beside the server that starts. */
const PRELOAD = `
{
  while read -r model text; do
    until ollama run "$model" "$text" < /dev/null; do sleep 2; done
  done < ${DIRECTORY}/${PRELOAD_FILE}
  : > ${PRELOADED}
} > /dev/null 2>&1 &
`.trim();

/** Puts readiness, and what is loaded beforehand, on the container of the server. */
export function withReadiness(ollama: Container, { server }: Tenant): Container {
  const mount: VolumeMount = { name: VOLUME, mountPath: DIRECTORY, readOnly: true };
  const shell = (script: string) => ({ exec: { command: ["/bin/sh", "-c", script] } });
  return {
    ...ollama,
    ...(server.preload ? { lifecycle: { postStart: shell(PRELOAD) } } : {}),
    readinessProbe: { ...shell(IS_READY), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 },
    volumeMounts: [...(ollama.volumeMounts ?? []), mount],
  };
}

/** The volume with the lists. */
export function readinessVolume(): Volume {
  return { name: VOLUME, configMap: { name: TENANT_OBJECT.modelFiles } };
}

/** The lists, in a ConfigMap that changes in place: servers need not be started again for another model. */
export function planModelFiles(tenant: Tenant): ConfigMap {
  const { models, server } = tenant;
  const manifests = models.allowedModels.map(manifestOf);
  const preloaded = server.preload ? preloadedModels(models.allowedModels, server.loadedModels) : [];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: TENANT_OBJECT.modelFiles, namespace: tenant.namespace, labels: tenantLabels(tenant, "models") },
    data: { [MANIFESTS_FILE]: lines(manifests), [PRELOAD_FILE]: lines(preloaded) },
  };
}

/** Path of a model's manifest, as Ollama's store has it: host, namespace, model and tag are folders. */
function manifestOf({ name }: CatalogueModel): string {
  const colon = name.canonical.lastIndexOf(":");
  return `${name.canonical.slice(0, colon)}/${name.canonical.slice(colon + 1)}`;
}

/** As many models as are loaded at a time: the largest that answers, those that embed, which take a text to load, then others. */
function preloadedModels(models: readonly CatalogueModel[], most: number): string[] {
  const largestFirst = [...models].sort((a, b) => b.parametersBillions - a.parametersBillions);
  const answering = largestFirst.filter(({ embedding }) => !embedding);
  const embeddings = largestFirst.filter(({ embedding }) => embedding);
  return [...answering.slice(0, 1), ...embeddings, ...answering.slice(1)]
    .slice(0, most)
    .map(({ name, embedding }) => (embedding ? `${name.canonical} .` : name.canonical));
}

function lines(entries: readonly string[]): string {
  return entries.map((entry) => `${entry}\n`).join("");
}
