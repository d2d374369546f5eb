import { describeRule, type Break } from "../breaks";
import { hrPod, type Loose } from "../fixture";

const HR = "Deployment tenant-hr/ollama";
const KEY = ["-----BEGIN", "PRIVATE KEY-----"].join(" ");
const env = (o: Loose[], variable: object) => (hrPod(o).containers[0].env = [variable]);

describeRule(
  "secrets/not-in-environment",
  [
    ...["API_KEY", "DB_PASSWORD", "TOKEN", "aws_secret_access_key"].map((name): Break => ({
      title: `a value of ${name}`,
      apply: (o) => env(o, { name, value: "x" }),
      object: HR,
      field: "spec.template.spec.containers[0].env[0].value",
    })),
    { title: "a private key under another name", apply: (o) => env(o, { name: "PEM", value: KEY }), object: HR },
    { title: "one on the command line", apply: (o) => (hrPod(o).containers[0].args = ["--api-key=x"]), object: HR },
  ],
  [
    { title: "names that only resemble them", apply: (o) => env(o, { name: "TOKEN_LIMIT", value: "4096" }) },
    {
      title: "a reference",
      apply: (o) => env(o, { name: "TOKEN", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }),
    },
  ],
);

describeRule("secrets/files-not-variables", [
  {
    title: "one key",
    apply: (o) => env(o, { name: "T", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }),
    object: HR,
  },
  { title: "all keys", apply: (o) => (hrPod(o).containers[0].envFrom = [{ secretRef: { name: "s" } }]), object: HR },
]);

const configMap = (data: object) => (o: Loose[]) =>
  o.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "tenant-hr" }, data });
describeRule(
  "secrets/not-in-config-maps",
  [
    { title: "a password", apply: configMap({ password: "x" }), object: "ConfigMap tenant-hr/c" },
    { title: "an API key", apply: configMap({ "client-api-key": "x" }), object: "ConfigMap tenant-hr/c" },
    { title: "a private key", apply: configMap({ "server.txt": KEY }), object: "ConfigMap tenant-hr/c" },
  ],
  [{ title: "hashes of keys", apply: configMap({ "key-hashes": "sha256:00" }) }],
);

const nodeToken = (namespace: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "bootstrap-token-abcdef", namespace },
  type: "bootstrap.kubernetes.io/token",
});
describeRule(
  "secrets/no-token-secrets",
  [
    {
      title: "a token that never ends",
      apply: (o) =>
        o.push({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "t", namespace: "tenant-hr" },
          type: "kubernetes.io/service-account-token",
        }),
      object: "Secret tenant-hr/t",
    },
    {
      title: "a token that joins nodes",
      apply: (o) => o.push(nodeToken("kube-system")),
      object: "Secret kube-system/bootstrap-token-abcdef",
    },
  ],
  [{ title: "such a token where no cluster looks for it", apply: (o) => o.push(nodeToken("tenant-hr")) }],
);
