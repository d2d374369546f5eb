/** What is taken for a secret: the same in variables, files, command lines and headers. */
import { packed } from "../../../../components/gateway/archive";
import { describeRule, type Break } from "../breaks";
import { hrPod, type Loose } from "../fixture";
import { inEveryKind, onEveryContainer } from "../shapes";

const HR = "Deployment tenant-hr/ollama";
const CONTAINER = "spec.template.spec.containers[0]";
const JWT = ["eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJqb2UifQ", "c2lnbmF0dXJlLW9mLWl0"].join(".");
const URL = ["postgres://user", "pass@db.example.com/models"].join(":");
const BEARER = `Bearer ${"a1b2c3d4e5f6".repeat(2)}`;

const names = [
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "DB_PWD",
  "DB_PASS",
  "PGPASSWORD",
  "dbPassword",
  "client-secret",
  "apiKey",
  "STORAGE_ACCOUNT_KEY",
  "CONNECTION_STRING",
];
/** Values that are secrets under any name. */
const values: [string, string][] = [
  ["an address with a password", URL],
  ["an address with a password and no user", URL.replace("user", "")],
  ["a bearer token", BEARER],
  ["a JSON web token", JWT],
  ["a token of a well-known issuer", `ghp_${"a".repeat(20)}`],
  ["what npm is let in by", `//packages.example.com/:_authToken=${"a1".repeat(10)}`],
  ["a line of a .netrc file", ["machine example.com login joe", "password x7-blue"].join(" ")],
];
/** Names of secrets with values that are none. */
const harmless: [string, string][] = [
  ["GOOGLE_APPLICATION_CREDENTIALS", "/var/run/secrets/google/key.json"],
  ["DB_PASSWORD", "/etc/passwords/db"],
  ["MAX_TOKENS", "4096"],
  ["USE_TOKEN", "true"],
  ["API_KEY", "$(API_KEY_FROM_FILE)"],
  ["PASSWORD", "${PASSWORD}"],
  ["PASSWORD_FILE", "password.txt"],
  ["TOKEN_URL", "https://login.example.com/token"],
  ["KEY_HASHES", "sha256:00"],
  ["PUBLIC_KEY", "ssh-ed25519 AAAA"],
  ["TOKENIZER", "bpe"],
  ["SERVICE_URL", "http://user@db.example.com:5432/models"],
];

const variable = (name: string, value: string) => (container: Loose) => {
  container.env = [...(container.env ?? []), { name, value }];
};
const inHr = (title: string, apply: (container: Loose) => void, field: string): Break => ({
  title,
  apply: (o) => apply(hrPod(o).containers[0]),
  object: HR,
  field: `${CONTAINER}.${field}`,
});

describeRule(
  "secrets/not-in-environment",
  [
    ...names.map((name) => inHr(`a value of ${name}`, variable(name, "x7-blue-horse"), "env[1].value")),
    ...values.map(([title, value]) => inHr(`${title} in a variable`, variable("SETTING", value), "env[1].value")),
    ...values.map(([title, value]) => inHr(`${title} among arguments`, (c) => (c.args = ["--to", value]), "args[1]")),
    ...onEveryContainer("a password after its option", (c) => (c.args = ["--password", "x7-blue"]), "args[1]"),
    inHr("a password in a script", (c) => (c.command = ["sh", "-c", "export DB_PWD=x7-blue; run"]), "command[2]"),
    inHr(
      "a password in a probe's command",
      (c) => (c.readinessProbe = { exec: { command: ["check", "--token=x7-blue"] } }),
      "readinessProbe.exec.command[1]",
    ),
    inHr(
      "a password in a hook's command",
      (c) => (c.lifecycle = { preStop: { exec: { command: ["stop", "--api-key", "x7-blue"] } } }),
      "lifecycle.preStop.exec.command[2]",
    ),
    inHr(
      "a token in a probe's header",
      (c) => (c.livenessProbe = { httpGet: { port: 1, httpHeaders: [{ name: "Authorization", value: BEARER }] } }),
      "livenessProbe.httpGet.httpHeaders[0].value",
    ),
    ...inEveryKind((pod) => pod.containers[0].env.push({ name: "DB_PWD", value: "x7-blue" })),
  ],
  [
    ...harmless.map(([name, value]) => inHr(`${name} with ${value}`, variable(name, value), "")),
    inHr("a path after the option of a secret", (c) => (c.args = ["--token-file", "/t", "--password", "/run/p"]), ""),
    inHr("an option after that of a secret", (c) => (c.args = ["--password", "--verbose"]), ""),
  ],
);

const configMap = (title: string, parts: Loose, field = 'data["file.conf"]'): Break => ({
  title,
  apply: (o) =>
    o.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c", namespace: "tenant-hr" }, ...parts }),
  object: "ConfigMap tenant-hr/c",
  field,
});
const file = (text: string) => ({ data: { "file.conf": text } });
const base64 = (text: string) => Buffer.from(text).toString("base64");

describeRule(
  "secrets/not-in-config-maps",
  [
    ...names.map((name) => configMap(`a value of ${name}`, { data: { [name]: "x7-blue-horse" } }, `data["${name}"]`)),
    ...values.map(([title, value]) => configMap(title, file(`a line\n${value}\n`))),
    configMap("a password in a line of settings", file("user: models\npassword: x7-blue\n")),
    configMap("a password in a line with an equals sign", file("[db]\nuser = models\ndb_password = x7-blue\n")),
    configMap(
      "what a registry is told",
      {
        data: { ".dockerconfigjson": JSON.stringify({ auths: { "r.example.com": { auth: base64("joe:x7-blue") } } }) },
      },
      'data[".dockerconfigjson"]',
    ),
    configMap("a secret in a JSON file", file('{\n  "clientSecret": "x7-blue"\n}')),
    configMap("a secret within one line of JSON", file('{"a":[{"b":"c","password":"x7-blue"}]}')),
    configMap("a password in a list of YAML", file("databases:\n  - password: 'x7-blue'\n")),
    configMap("an exported variable", file("export DB_PWD=x7-blue\n")),
    configMap(
      "a password in binary data",
      { binaryData: { "f.conf": base64("password: x7-blue\n") } },
      'binaryData["f.conf"]',
    ),
    configMap(
      "a password in an archive",
      { binaryData: { "f.tar.gz": packed({ "f.conf": "password: x7-blue\n" }).toString("base64") } },
      'binaryData["f.tar.gz"]',
    ),
    configMap(
      "the name of a secret in an archive",
      { binaryData: { "f.tar.gz": packed({ password: "x7-blue" }).toString("base64") } },
      'binaryData["f.tar.gz"]',
    ),
    configMap(
      "the name of a secret in binary data",
      { binaryData: { password: base64("x7-blue") } },
      'binaryData["password"]',
    ),
  ],
  [
    ...harmless.map(([name, value]) => configMap(`${name} with ${value}`, { data: { [name]: value } })),
    ...harmless.map(([name, value]) => configMap(`a line with ${name} and ${value}`, file(`${name}: ${value}\n`))),
    configMap("a program that reads a token", {
      data: { "guard.lua": 'local token = headers:get("authorization")\n' },
    }),
    configMap("a field of JSON that only says where the key is", file('{"private_key": {"filename": "/tls/tls.key"}}')),
    configMap("a program that reads a token, in an archive", {
      binaryData: {
        "f.tar.gz": packed({ "guard.lua": 'local token = headers:get("authorization")\n' }).toString("base64"),
      },
    }),
    configMap("a way of authentication", file('{"auth": "basic", "auths": {"a": {"auth": "b2F1dGg="}}}')),
    configMap("a token of npm that stands elsewhere", file("//packages.example.com/:_authToken=${NPM_TOKEN}\n")),
    configMap("binary data", { binaryData: { "model.bin": base64("\u0000\u0001\u0002") } }),
    configMap("settings that name where a password is", file("password_file: /run/p\npasswordSecretName: db\n")),
  ],
);
