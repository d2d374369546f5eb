/** The verdict for code scanning, as SARIF 2.1.0: one SARIF result for everything that is no pass. */
import { isFailure, isNoPass, type Result } from "../result";

/** The results as one SARIF log, with a line break at its end. */
export function renderSarif(results: readonly Result[]): string {
  const troubles = results.filter(isNoPass);
  const ids = [...new Set(troubles.map(ruleOf))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "ollama-platform verify", rules: ids.map((id) => ({ id })) } },
        results: troubles.map((result) => ({
          ruleId: ruleOf(result),
          ruleIndex: ids.indexOf(ruleOf(result)),
          kind: isFailure(result) ? "fail" : "review",
          level: isFailure(result) ? "error" : "none",
          message: {
            text: [result.found, result.disagreement, result.fix].filter((one) => one !== undefined).join(" "),
          },
          ...(result.accepted !== undefined && {
            suppressions: [{ kind: "external", justification: result.accepted }],
          }),
          partialFingerprints: { resultId: result.id },
          locations: [{ logicalLocations: [{ fullyQualifiedName: result.id, kind: "resource" }] }],
        })),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

/** The rule of a result: of the pack where it is one of its rules, else the check. */
function ruleOf({ id }: Result): string {
  const [check = "", ...rest] = id.split("/");
  return check === "rules" ? (rest.join("/").split(" ")[0] ?? check) : check;
}
