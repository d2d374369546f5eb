import { show } from "../../model/fault";
import { list } from "../../model/json";
import { owasp } from "../frameworks";
import { modelServers, variable } from "../../readers/model-servers";
import type { Rule } from "../rule";

/** Where Ollama looks for models when OLLAMA_MODELS is not set. */
const DEFAULT_STORE = "/root/.ollama/models";

export const rule: Rule = {
  id: "models/read-only-store",
  title: "Every Ollama server mounts its models read-only, and claims them so.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K02")],
  remediation:
    "Set readOnly: true on the mount at OLLAMA_MODELS and on the volume's persistentVolumeClaim; models are put there by a job of the platform.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    modelServers(model, configuration).flatMap(({ pod, source }) => {
      const store = variable(source.container, source.path, "OLLAMA_MODELS").value ?? DEFAULT_STORE;
      const mounts = list(source.container.volumeMounts).map((mount, index) => ({ mount, index }));
      // The longest mount path that contains the store is the one that holds it.
      const holding = mounts
        .filter(
          ({ mount }) =>
            store === mount?.mountPath || store.startsWith(`${String(mount?.mountPath).replace(/\/$/, "")}/`),
        )
        .toSorted((a, b) => String(b.mount.mountPath).length - String(a.mount.mountPath).length)[0];
      const volumes = list(pod.spec.volumes);
      const at = volumes.findIndex((volume) => volume?.name === holding?.mount.name);
      const claim = volumes[at]?.persistentVolumeClaim;
      const places = [
        {
          field:
            holding === undefined
              ? `${source.path}.volumeMounts`
              : `${source.path}.volumeMounts[${holding.index}].readOnly`,
          value: holding?.mount.readOnly,
        },
        ...(claim === undefined
          ? []
          : [{ field: `${pod.path}.volumes[${at}].persistentVolumeClaim.readOnly`, value: claim.readOnly }]),
      ];
      return places
        .filter(({ value }) => value !== true)
        .map(({ field, value }) => ({
          object: pod.source,
          field,
          message: `is ${show(value)} for the store ${store}: the server could pull, replace and delete models, past the tenant's model list.`,
        }));
    }),
};
