import { record } from "../../model/json";
import { owasp } from "../frameworks";
import type { Rule } from "../rule";
import { persistentVolumes } from "../../readers/storage";

export const rule: Rule = {
  id: "storage/volume-reserved",
  title: "Every declared persistent volume names the one claim that may have it.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: "Set spec.claimRef to the namespace and name of the claim.",
  check: (model) =>
    persistentVolumes(model).flatMap((volume) => {
      const { namespace, name } = record(record(volume.object.spec).claimRef);
      if (typeof namespace === "string" && namespace !== "" && typeof name === "string" && name !== "") return [];
      return [
        {
          object: volume,
          field: "spec.claimRef",
          message:
            "does not name a claim, so the first tenant that asks for a volume of this class and size gets it, contents included.",
        },
      ];
    }),
};
