import { show } from "../../model/fault";
import { owasp } from "../frameworks";
import { modelServers, variable } from "../../readers/model-servers";
import type { Rule } from "../rule";

/** Addresses of the pod itself. Without a value Ollama's image listens on every address. */
const loopback = /^(https?:\/\/)?(127(\.\d{1,3}){3}|\[::1\]|localhost)(:\d+)?\/?$/i;

export const rule: Rule = {
  id: "models/loopback-only",
  title: "Every Ollama server listens on its pod's loopback address only.",
  severity: "critical",
  scope: "object",
  frameworks: [owasp("K06"), owasp("K07")],
  remediation: `Set OLLAMA_HOST to "127.0.0.1:11434" and put a gateway that checks keys and models in the same pod.`,
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }) => {
      const { value, field } = variable(source.container, source.path, "OLLAMA_HOST");
      if (loopback.test(value ?? "")) return [];
      return [
        {
          object: pod.source,
          field,
          message: `gives OLLAMA_HOST the value ${show(value)}: whoever reaches the pod may run, pull and delete every model, since Ollama knows no users.`,
        },
      ];
    }),
};
