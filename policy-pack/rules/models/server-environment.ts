import { show } from "../../model/fault";
import { list } from "../../model/json";
import { owasp } from "../frameworks";
import { FROM_REFERENCE, isServingScript, modelServers, variable } from "../../readers/model-servers";
import type { Finding, Rule } from "../rule";

export const rule: Rule = {
  id: "models/server-environment",
  title:
    "Every Ollama server is started directly, without cloud models, pruning, foreign web origins and prompt logging.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Set the variables of models.serverEnvironment to one of their accepted values.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }): Finding[] => {
      const required = Object.entries(configuration.models.serverEnvironment).flatMap(([name, accepted]): Finding[] => {
        const { value, field } = variable(source.container, source.path, name);
        if (accepted.includes(value ?? "")) return [];
        return [
          {
            object: pod.source,
            field,
            message: `gives ${name} the value ${show(value)}.`,
            fix: `Set ${name} to ${accepted.map(show).join(" or ")}.`,
          },
        ];
      });
      const origins = variable(source.container, source.path, "OLLAMA_ORIGINS");
      const debug = ["OLLAMA_DEBUG", "OLLAMA_DEBUG_LOG_REQUESTS"].map((name) => ({
        name,
        ...variable(source.container, source.path, name),
      }));
      const scripts = (["command", "args"] as const).flatMap((part) =>
        list(source.container[part]).map((word, index) => ({ word, field: `${source.path}.${part}[${index}]` })),
      );
      return [
        ...required,
        ...scripts
          .filter(({ word }) => isServingScript(String(word)))
          .map(({ field }) => ({
            object: pod.source,
            field,
            message: "starts the server from a script, which may set its variables in ways that no rule sees.",
            fix: 'Start the server by args: ["serve"] and set its variables under env.',
          })),
        ...(origins.value?.includes("*") || origins.value === FROM_REFERENCE
          ? [
              {
                object: pod.source,
                field: origins.field,
                message: `gives OLLAMA_ORIGINS the value ${show(origins.value)}${origins.value === FROM_REFERENCE ? ', which may come to hold "*"' : ""}: any web page in a user's browser could call the server.`,
                fix: "List the origins in full, or remove OLLAMA_ORIGINS.",
              },
            ]
          : []),
        ...debug
          .filter(({ value }) => value !== undefined && !["", "0", "false"].includes(value))
          .map(({ name, value, field }) => ({
            object: pod.source,
            field,
            message: `gives ${name} the value ${show(value)}: prompts would be written to the log.`,
            fix: `Set ${name} to "0" or remove it.`,
          })),
      ];
    }),
};
