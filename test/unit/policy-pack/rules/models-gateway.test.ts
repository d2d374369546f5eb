import { gzipSync } from "node:zlib";
import { packed } from "../../../../components/gateway/archive";
import { describeRule } from "../breaks";
import { find, hrPod, type Loose } from "../fixture";

const CLIENTS = "NetworkPolicy tenant-hr/allow-clients";
const HR = "Deployment tenant-hr/ollama";
const server = (objects: Loose[]) => hrPod(objects).initContainers[0];
const ingress = (objects: Loose[]) => find(objects, "NetworkPolicy", "allow-clients", "tenant-hr").spec.ingress[0];
const sameTenant = (ports: Loose) => (objects: Loose[]) =>
  objects.push({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "allow-same-tenant", namespace: "tenant-hr" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: {} }], ports }] },
  });
const SAME = "NetworkPolicy tenant-hr/allow-same-tenant";

describeRule(
  "models/server-ports",
  [
    { title: "the server's own port", apply: (o) => ingress(o).ports.push({ port: 11434 }), object: CLIENTS },
    { title: "the server's port by its name", apply: (o) => (ingress(o).ports[0].port = "ollama"), object: CLIENTS },
    { title: "a port that nobody declares", apply: (o) => (ingress(o).ports[0].port = 9901), object: CLIENTS },
    { title: "a range", apply: (o) => (ingress(o).ports[0].endPort = 20000), object: CLIENTS },
    { title: "a port without a number", apply: (o) => delete ingress(o).ports[0].port, object: CLIENTS },
    { title: "every port for the tenant's own pods", apply: sameTenant(undefined), object: SAME },
    { title: "an empty list of ports", apply: sameTenant([]), object: SAME, field: "spec.ingress[0].ports" },
  ],
  [
    { title: "the gateway's port by its name", apply: (o) => (ingress(o).ports[0].port = "http") },
    { title: "the gateway's port for the tenant's own pods", apply: sameTenant([{ port: 8080 }]) },
  ],
);

const content = (objects: Loose[], fields: object) => {
  const metadata = { name: "gateway-config", namespace: "tenant-hr" };
  objects.push({ apiVersion: "v1", kind: "ConfigMap", metadata, ...fields });
};
const configMap = (objects: Loose[], immutable: unknown) => {
  content(objects, { immutable, data: { "bootstrap.json": "{}" } });
  hrPod(objects).volumes.push({ name: "config", configMap: { name: "gateway-config" } });
};
const binary = (objects: Loose[], bytes: Buffer) => {
  content(objects, { immutable: true, binaryData: { "files.tar.gz": bytes.toString("base64") } });
  hrPod(objects).volumes.push({ name: "config", configMap: { name: "gateway-config" } });
};
const unreadable = (title: string, bytes: Buffer) => ({
  title,
  apply: (o: Loose[]) => binary(o, bytes),
  object: "ConfigMap tenant-hr/gateway-config",
  field: 'binaryData["files.tar.gz"]',
});

const gateway = (objects: Loose[]) => hrPod(objects).containers[0];

/** A ConfigMap that may change, which the server's container mounts. */
const serversOwn = (objects: Loose[]) => {
  objects.push({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "lists", namespace: "tenant-hr" },
    data: { manifests: "" },
  });
  hrPod(objects).volumes.push({ name: "lists", configMap: { name: "lists" } });
  server(objects).volumeMounts = [...(server(objects).volumeMounts ?? []), { name: "lists", mountPath: "/lists" }];
};

describeRule(
  "models/gateway-files",
  [
    {
      title: "a mounted ConfigMap that may change",
      apply: (o) => configMap(o, undefined),
      object: "ConfigMap tenant-hr/gateway-config",
      field: "immutable",
    },
    {
      title: "one that says so",
      apply: (o) => configMap(o, false),
      object: "ConfigMap tenant-hr/gateway-config",
    },
    {
      title: "one of the server's that its gateway mounts too",
      apply: (o) => {
        serversOwn(o);
        gateway(o).volumeMounts = [{ name: "lists", mountPath: "/lists" }];
      },
      object: "ConfigMap tenant-hr/lists",
    },
    {
      title: "one that no container mounts yet",
      apply: (o) => {
        serversOwn(o);
        server(o).volumeMounts.pop();
      },
      object: "ConfigMap tenant-hr/lists",
    },
    {
      title: "one that may change among the sources of a projected volume",
      apply: (o) => {
        content(o, { data: {} });
        const sources = [{ configMap: { name: "gateway-config" } }];
        hrPod(o).volumes.push({ name: "config", projected: { sources } });
      },
      object: "ConfigMap tenant-hr/gateway-config",
      field: "immutable",
    },
    unreadable("an archive that cannot be unpacked", packed({ "bootstrap.json": "{}" }).subarray(0, 40)),
    unreadable("an archive in an archive", gzipSync(packed({ "bootstrap.json": "{}" }))),
    unreadable("bytes that are no text", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0])),
  ],
  [
    { title: "one that never changes", apply: (o) => configMap(o, true) },
    { title: "one that the server alone mounts", apply: (o) => serversOwn(o) },
    { title: "an archive of texts", apply: (o) => binary(o, packed({ "bootstrap.json": "{}" })) },
    { title: "a compressed text", apply: (o) => binary(o, gzipSync("{}")) },
    { title: "a text in base64", apply: (o) => binary(o, Buffer.from("{}")) },
    { title: "bytes that no model server mounts", apply: (o) => content(o, { binaryData: { "a.bin": "AAA=" } }) },
  ],
);

const script = "OLLAMA_HOST=0.0.0.0 ollama serve";
describeRule("models/server-environment", [
  {
    title: "a server started by a script",
    apply: (o) => (server(o).command = ["/bin/sh", "-c", script]),
    object: HR,
    field: "spec.template.spec.initContainers[0].command[2]",
  },
  {
    title: "a server started by a script after another command",
    apply: (o) => Object.assign(server(o), { command: ["sh"], args: ["-c", "sleep 1;/usr/bin/ollama serve &"] }),
    object: HR,
  },
]);
