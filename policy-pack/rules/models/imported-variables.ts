import { show } from "../../model/fault";
import { list } from "../../model/json";
import { importedNames } from "../../readers/imports";
import { modelServers } from "../../readers/model-servers";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";

/** Variables that an Ollama server, or the runner that it starts, goes by. */
const OF_SERVER = /^(OLLAMA|LLAMA_ARG)_/;

export const rule: Rule = {
  id: "models/imported-variables",
  title: "What an Ollama server goes by stands in its container, and not in a ConfigMap or Secret that it takes over.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: "Set the variables in the container itself, where the other rules judge them.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source: { container, path } }) => {
      const own = new Set(list(container.env).map((one) => one?.name));
      return list(container.envFrom).flatMap((origin, index): Finding[] => {
        const names = importedNames(model, pod, origin)?.filter((name) => OF_SERVER.test(name) && !own.has(name));
        // What an origin of unknown content may set is a finding of `placement/gpu-visibility`.
        if (names === undefined || names.length === 0) return [];
        return [
          {
            object: pod.source,
            field: `${path}.envFrom[${index}]`,
            message: `is ${show(origin)}, which sets ${names.join(", ")}: the server could log prompts, answer every web page or look for models elsewhere, and no rule would see it.`,
            fix: `Set ${names.join(", ")} in the container itself, or remove it from there.`,
          },
        ];
      });
    }),
};
