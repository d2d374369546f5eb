import { describeRule, type Break } from "../breaks";
import { find, hrPod, type Loose } from "../fixture";

const HR = "Deployment tenant-hr/ollama";
const server = (o: Loose[]) => hrPod(o).initContainers[0];
const set = (name: string, value: string | undefined) => (o: Loose[]) => {
  server(o).env = server(o).env.filter((v: Loose) => v.name !== name);
  if (value !== undefined) server(o).env.push({ name, value });
};

describeRule(
  "models/loopback-only",
  [
    ...["0.0.0.0", "0.0.0.0:11434", ":11434", "[::]:11434", "http://10.0.0.1", "127.0.0.1.example.com"].map(
      (value): Break => ({
        title: value,
        apply: set("OLLAMA_HOST", value),
        object: HR,
      }),
    ),
    { title: "no value", apply: set("OLLAMA_HOST", undefined), object: HR },
    {
      title: "a second value that wins",
      apply: (o) => server(o).env.push({ name: "OLLAMA_HOST", value: "0.0.0.0" }),
      object: HR,
    },
    {
      title: "a value from elsewhere",
      apply: (o) =>
        server(o).env.push({ name: "OLLAMA_HOST", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }),
      object: HR,
    },
  ],
  [
    { title: "localhost", apply: set("OLLAMA_HOST", "localhost:11434") },
    { title: "IPv6", apply: set("OLLAMA_HOST", "[::1]:11434") },
  ],
);

const service = (o: Loose[]) => find(o, "Service", "ollama", "tenant-hr").spec;
/** Gives the gateway's port name to a port of another container too. */
const alsoNamedHttp = (number: number, protocol?: string) => (o: Loose[]) =>
  hrPod(o).containers.push({ name: "side", ports: [{ name: "http", containerPort: number, protocol }] });
describeRule(
  "models/gateway-present",
  [
    {
      title: "a Service to the server's port",
      apply: (o) => (service(o).ports[0].targetPort = 11434),
      object: "Service tenant-hr/ollama",
    },
    {
      title: "a Service to it by name",
      apply: (o) => (service(o).ports[0].targetPort = "ollama"),
      object: "Service tenant-hr/ollama",
    },
    {
      title: "a Service without target port",
      apply: (o) => (service(o).ports = [{ port: 11434 }]),
      object: "Service tenant-hr/ollama",
    },
    { title: "a gateway that opens no port", apply: (o) => delete hrPod(o).containers[0].ports, object: HR },
    { title: "no gateway", apply: (o) => (hrPod(o).containers = [server(o)]), object: HR },
    {
      title: "a name that stands for the gateway's port and for the server's",
      apply: alsoNamedHttp(11434),
      object: "Service tenant-hr/ollama",
      field: "spec.ports[0].targetPort",
    },
  ],
  [
    { title: "a name that stands for two ports beside the server's", apply: alsoNamedHttp(9090) },
    { title: "a name that stands for another protocol's port too", apply: alsoNamedHttp(11434, "UDP") },
  ],
);

const clientPort = (o: Loose[], port: unknown) =>
  (find(o, "NetworkPolicy", "allow-clients", "tenant-hr").spec.ingress[0].ports = [{ port }]);
describeRule(
  "models/server-ports",
  [
    {
      title: "a name that stands for the gateway's port and for the server's",
      apply: (o) => {
        alsoNamedHttp(11434)(o);
        clientPort(o, "http");
      },
      object: "NetworkPolicy tenant-hr/allow-clients",
      field: "spec.ingress[0].ports[0]",
    },
    {
      title: "a name that nothing declares",
      apply: (o) => clientPort(o, "web"),
      object: "NetworkPolicy tenant-hr/allow-clients",
    },
  ],
  [{ title: "the gateway's port by name", apply: (o) => clientPort(o, "http") }],
);

describeRule("models/server-environment", [
  { title: "cloud models", apply: set("OLLAMA_NO_CLOUD", undefined), object: HR },
  { title: "cloud models by value", apply: set("OLLAMA_NO_CLOUD", "0"), object: HR },
  { title: "pruning", apply: set("OLLAMA_NOPRUNE", undefined), object: HR },
  { title: "every web origin", apply: set("OLLAMA_ORIGINS", "https://a.example.com,*"), object: HR },
  { title: "a debug log", apply: set("OLLAMA_DEBUG", "1"), object: HR },
  { title: "logged prompts", apply: set("OLLAMA_DEBUG_LOG_REQUESTS", "true"), object: HR },
  {
    title: "web origins that stand elsewhere",
    apply: (o) =>
      server(o).env.push({ name: "OLLAMA_ORIGINS", valueFrom: { configMapKeyRef: { name: "c", key: "origins" } } }),
    object: HR,
  },
]);

/** A ConfigMap of the tenant whose entries the server takes over as variables. */
const imported =
  (data: Loose, origin: Loose = {}) =>
  (o: Loose[]): void => {
    o.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "variables", namespace: "tenant-hr" }, data });
    server(o).envFrom = [{ configMapRef: { name: "variables" }, ...origin }];
  };

describeRule(
  "models/imported-variables",
  [
    { title: "a debug log", apply: imported({ OLLAMA_DEBUG: "1" }), object: HR, field: /envFrom\[0\]$/ },
    { title: "every web origin", apply: imported({ OLLAMA_ORIGINS: "*" }), object: HR },
    { title: "another store", apply: imported({ DEBUG: "1" }, { prefix: "OLLAMA_" }), object: HR },
    { title: "arguments of the runner", apply: imported({ LLAMA_ARG_VERBOSE: "1" }), object: HR },
    {
      title: "variables of a Secret",
      apply: (o) => {
        const metadata = { name: "variables", namespace: "tenant-hr" };
        o.push({ apiVersion: "v1", kind: "Secret", metadata, stringData: { OLLAMA_DEBUG: "1" } });
        server(o).envFrom = [{ secretRef: { name: "variables" } }];
      },
      object: HR,
    },
  ],
  [
    { title: "variables that are not the server's", apply: imported({ HTTPS_PROXY: "http://proxy.example.com" }) },
    { title: "variables that the container sets itself, which win", apply: imported({ OLLAMA_NO_CLOUD: "0" }) },
  ],
);

describeRule("models/read-only-store", [
  { title: "a writable mount", apply: (o) => delete server(o).volumeMounts[0].readOnly, object: HR },
  {
    title: "a writable claim",
    apply: (o) => delete hrPod(o).volumes[0].persistentVolumeClaim.readOnly,
    object: HR,
    field: "spec.template.spec.volumes[0].persistentVolumeClaim.readOnly",
  },
  {
    title: "a writable store",
    apply: (o) => {
      delete server(o).volumeMounts[0].readOnly;
      delete hrPod(o).volumes[0].persistentVolumeClaim.readOnly;
    },
    object: HR,
  },
  { title: "a store elsewhere", apply: set("OLLAMA_MODELS", "/tmp/models"), object: HR },
  { title: "the image's own store", apply: set("OLLAMA_MODELS", undefined), object: HR },
  {
    title: "a writable mount inside",
    apply: (o) => {
      set("OLLAMA_MODELS", "/models/own")(o);
      server(o).volumeMounts.push({ name: "scratch", mountPath: "/models/own" });
    },
    object: HR,
  },
]);

const list = (o: Loose[]) => find(o, "ConfigMap", "model-access", "tenant-hr");
const change = (over: object) => (o: Loose[]) => {
  const document = JSON.parse(list(o).data["model-access.json"]);
  list(o).data["model-access.json"] = JSON.stringify({ ...document, ...over });
};
const LIST = "ConfigMap tenant-hr/model-access";
describeRule("models/access-list", [
  { title: "its absence", apply: (o) => o.splice(o.indexOf(list(o)), 1), object: "Namespace tenant-hr" },
  { title: "an empty one", apply: (o) => (list(o).data = {}), object: LIST },
  { title: "one that is no JSON", apply: (o) => (list(o).data["model-access.json"] = "allow: all"), object: LIST },
  { title: "one that is open by default", apply: change({ default: "allow" }), object: LIST },
  { title: "another tenant's", apply: change({ tenant: "finance" }), object: LIST },
  { title: "a list as text", apply: change({ allow: "qwen2.5:7b" }), object: LIST },
  { title: "a short name", apply: change({ allow: ["qwen2.5:7b"] }), object: LIST },
  { title: "a name in capitals", apply: change({ allow: ["registry.ollama.ai/library/Qwen2.5:7b"] }), object: LIST },
  {
    title: "a model that is allowed and denied",
    apply: change({ deny: ["registry.ollama.ai/library/qwen2.5:7b"] }),
    object: LIST,
  },
]);
