import { contentHash } from "../content-hash";
import { containerSecurity, NO_GPU, restrictedPod } from "../../gateway/pod";
import { LOADER_MAIN, loaderFiles } from "../../store/files";
import { resourceAmounts } from "../amounts";
import type { ConfigMap, Container, EnvVar, KubernetesObject, PodSpec, ServiceAccount, Volume } from "../kubernetes";
import { LOADER_RESOURCES } from "../../spec/replica";
import { STORE_OBJECT } from "./names";
import type { Job } from "./objects";
import type { LoadRequest } from "./request";
import type { ModelStore } from "../../spec/model-store";

/** Where the loader runs and what it is to do. */
export interface LoaderPlace {
  namespace: string;
  /** Labels of its objects. */
  labels: Record<string, string>;
  image: string;
  request: LoadRequest;
  store: ModelStore;
  /** Fields of the pod that depend on the namespace: its priority class and its nodes. */
  pod?: Partial<PodSpec>;
}

/** Label of the loader's pods, which the network policy selects. */
export const LOADER_SELECTOR = { "app.kubernetes.io/name": STORE_OBJECT.loader };

const PROGRAM = "/loader";
const REQUEST = "/request";
const STORE = "/models";
const CREDENTIALS = "/credentials";
const AUTHORITIES = "/authorities";
/** A pod that is started after another goes on where that one was. */
const ATTEMPTS = 6;
/** Exit code of a loader that has a final answer, see its program. */
const FINAL = 1;

/** The loader's account, files and Job. The Job has done its work when every model is there and verified. */
export function planLoader(place: LoaderPlace): KubernetesObject[] {
  const program = contentMap(place, "program", loaderFiles());
  const request = contentMap(place, "request", { "request.json": `${JSON.stringify(place.request, undefined, 1)}\n` });
  return [account(place), program, request, job(place, program, request)];
}

/** An identity without any right, and without a token. */
function account({ namespace, labels }: LoaderPlace): ServiceAccount {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: STORE_OBJECT.loader, namespace, labels },
    automountServiceAccountToken: false,
  };
}

/** A ConfigMap whose name carries its content, so that pods that still run keep what they were started with. */
function contentMap({ namespace, labels }: LoaderPlace, part: string, data: Record<string, string>): ConfigMap {
  const name = `${STORE_OBJECT.loader}-${part}-${contentHash(JSON.stringify(data))}`;
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels }, immutable: true, data };
}

/** For the engine: a Job that has failed would never run again by itself, so the next update recreates it. */
const TRIED_AGAIN = { "pulumi.com/replaceUnready": "true" };

/** A Job cannot be changed: another content is another Job, and the same content is done already. */
function job(place: LoaderPlace, program: ConfigMap, request: ConfigMap): Job {
  const { namespace, labels } = place;
  const spec: Job["spec"] = {
    backoffLimit: ATTEMPTS,
    podFailurePolicy: {
      rules: [
        {
          action: "FailJob",
          onExitCodes: { containerName: STORE_OBJECT.loader, operator: "In", values: [FINAL] },
        },
        // A node that is drained says nothing about the models.
        { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      ],
    },
    template: { metadata: { labels: { ...labels, ...LOADER_SELECTOR } }, spec: pod(place, program, request) },
  };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `${STORE_OBJECT.loader}-${contentHash(JSON.stringify(spec))}`,
      namespace,
      labels,
      annotations: TRIED_AGAIN,
    },
    spec,
  };
}

function pod(place: LoaderPlace, program: ConfigMap, request: ConfigMap): PodSpec {
  return {
    serviceAccountName: STORE_OBJECT.loader,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // The pod of a failed attempt stays, with its log.
    restartPolicy: "Never",
    securityContext: restrictedPod(),
    ...place.pod,
    containers: [container(place)],
    volumes: volumes(place, program, request),
  };
}

function container({ image, store }: LoaderPlace): Container {
  const amounts = resourceAmounts(LOADER_RESOURCES);
  const optional = [
    ...(store.credentialsSecret === undefined ? [] : ["--credentials", `${CREDENTIALS}/.dockerconfigjson`]),
    ...(store.certificateAuthorityConfigMap === undefined ? [] : ["--ca", `${AUTHORITIES}/ca.crt`]),
  ];
  return {
    name: STORE_OBJECT.loader,
    image,
    imagePullPolicy: "IfNotPresent",
    command: ["node", `${PROGRAM}/${LOADER_MAIN}`],
    args: ["--request", `${REQUEST}/request.json`, "--store", STORE, ...optional],
    env: [NO_GPU, ...proxyVariables(store)],
    resources: { requests: amounts, limits: amounts },
    // What went wrong is then part of the Job's own status.
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: containerSecurity(),
    volumeMounts: [
      { name: "program", mountPath: PROGRAM, readOnly: true },
      { name: "request", mountPath: REQUEST, readOnly: true },
      { name: "models", mountPath: STORE },
      ...(store.credentialsSecret === undefined
        ? []
        : [{ name: "credentials", mountPath: CREDENTIALS, readOnly: true }]),
      ...(store.certificateAuthorityConfigMap === undefined
        ? []
        : [{ name: "authorities", mountPath: AUTHORITIES, readOnly: true }]),
    ],
  };
}

function volumes({ store }: LoaderPlace, program: ConfigMap, request: ConfigMap): Volume[] {
  const { credentialsSecret, certificateAuthorityConfigMap } = store;
  return [
    { name: "program", configMap: { name: program.metadata.name } },
    { name: "request", configMap: { name: request.metadata.name } },
    { name: "models", persistentVolumeClaim: { claimName: STORE_OBJECT.claim } },
    ...(credentialsSecret === undefined
      ? []
      : [{ name: "credentials", secret: { secretName: credentialsSecret, defaultMode: 0o440 } }]),
    ...(certificateAuthorityConfigMap === undefined
      ? []
      : [{ name: "authorities", configMap: { name: certificateAuthorityConfigMap } }]),
  ];
}

function proxyVariables({ proxy }: ModelStore): EnvVar[] {
  if (proxy === undefined) return [];
  const variables = { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: proxy.except.join(",") };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}
