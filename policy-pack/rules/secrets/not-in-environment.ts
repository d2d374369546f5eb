import { list } from "../../model/json";
import type { Container, Handler } from "../../model/kubernetes";
import { podTemplateOf, type ContainerSource } from "../../model/pods";
import { rememberedOf } from "../../model/remembered";
import { isSecret, isSecretValue, secretWord } from "../../model/secret-words";
import { cis, nsa, owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { tenantPods } from "../../readers/select";

/** Hooks and probes of a container, each with its path. */
function handlersOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container) {
  const all: [string, Handler | undefined][] = [
    ["livenessProbe", livenessProbe],
    ["readinessProbe", readinessProbe],
    ["startupProbe", startupProbe],
    ["lifecycle.postStart", lifecycle?.postStart],
    ["lifecycle.preStop", lifecycle?.preStop],
  ];
  return all.flatMap(([path, handler]) => (handler === undefined ? [] : [{ path, handler }]));
}

/** Lists of words that a container runs, each with its path. */
function commandsOf(container: Container): { path: string; words: string[] }[] {
  const lists: [string, readonly string[] | undefined][] = [
    ["command", container.command],
    ["args", container.args],
    ...handlersOf(container).map(({ path, handler }): [string, readonly string[] | undefined] => [
      `${path}.exec.command`,
      handler.exec?.command,
    ]),
  ];
  return lists.map(([path, words]) => ({ path, words: list(words).map(String) }));
}

type Fault = Pick<Finding, "field" | "message">;

function ofVariables(kind: string, { container, path }: ContainerSource): Fault[] {
  return list(container.env).flatMap((variable, index) => {
    const { name = "", value = "" } = variable ?? {};
    if (value === "" || !isSecret(name, String(value))) return [];
    return [
      {
        field: `${path}.env[${index}].value`,
        message: `holds the value of ${name}, for everybody who may read the ${kind} and in its history.`,
      },
    ];
  });
}

function ofCommands({ container, path }: ContainerSource): Fault[] {
  return commandsOf(container).flatMap(({ path: place, words }) => {
    const index = secretWord(words);
    if (index === undefined) return [];
    return [
      {
        field: `${path}.${place}[${index}]`,
        message: "holds a secret on the command line, for everybody who lists the node's processes.",
      },
    ];
  });
}

function ofHeaders(kind: string, { container, path }: ContainerSource): Fault[] {
  return handlersOf(container).flatMap(({ path: place, handler }) =>
    list(handler.httpGet?.httpHeaders).flatMap((header, index) => {
      const { name = "", value = "" } = header ?? {};
      if (!isSecret(name, value) && !isSecretValue(`${name}: ${value}`)) return [];
      return [
        {
          field: `${path}.${place}.httpGet.httpHeaders[${index}].value`,
          message: `holds the value of header ${name}, for everybody who may read the ${kind} and in its history.`,
        },
      ];
    }),
  );
}

const faultsIn = rememberedOf(({ object }) =>
  (podTemplateOf(object)?.containers ?? []).flatMap((source) => [
    ...ofVariables(object.kind, source),
    ...ofCommands(source),
    ...ofHeaders(object.kind, source),
  ]),
);

export const rule: Rule = {
  id: "secrets/not-in-environment",
  title: "No secret stands in a pod template as plain text.",
  severity: "high",
  scope: "object",
  frameworks: [cis("5.4.1"), nsa("Secrets"), owasp("K08")],
  remediation: "Put the value into a Secret and mount it as a file.",
  check: (model, configuration) =>
    tenantPods(model).flatMap(({ source }): Finding[] =>
      faultsIn(source, configuration).map((fault) => ({ object: source, ...fault })),
    ),
};
