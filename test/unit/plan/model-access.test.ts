import * as assert from "node:assert/strict";
import type { ConfigMap } from "../../../components/plan/kubernetes";
import type { ModelAccessDocument } from "../../../components/plan/tenant/model-access";
import type { TenantPlan } from "../../../components/plan/tenant/tenant";
import { changed, faultsOf, find, planOf, planWith } from "./fixture";

function document(plan: TenantPlan): ModelAccessDocument {
  const text = find<ConfigMap>(plan, "ConfigMap", "model-access").data?.["model-access.json"];
  return JSON.parse(text ?? "") as ModelAccessDocument;
}

describe("Model access of a tenant", () => {
  it("is a list of canonical names, not a text in which a part of a name would be found", () => {
    assert.deepEqual(document(planOf("finance")), {
      schemaVersion: 1,
      tenant: "finance",
      default: "deny",
      allow: ["registry.ollama.ai/library/llama3.1:8b", "registry.ollama.ai/library/nomic-embed-text:latest"],
      deny: [],
    });
  });

  it("lets a denial win over an allowance, however either is written", () => {
    const plan = planWith("finance", (tenant) => {
      tenant.models = { allow: ["llama3.1:8b", "nomic-embed-text"], deny: ["Library/Nomic-Embed-Text:LATEST"] };
    });
    assert.deepEqual(document(plan).allow, ["registry.ollama.ai/library/llama3.1:8b"]);
    assert.deepEqual(document(plan).deny, ["registry.ollama.ai/library/nomic-embed-text:latest"]);
  });

  it("is the same whatever the order and spelling", () => {
    const plan = planWith("finance", (tenant) => {
      tenant.models.allow = ["NOMIC-embed-text:latest", "llama3.1:8b"];
    });
    assert.deepEqual(document(plan), document(planOf("finance")));
  });

  it("refuses a model that is not in the catalogue, and names those that are", () => {
    const faults = faultsOf(
      changed("hr", (tenant) => {
        tenant.models.allow = ["llama3.2:3b"];
      }),
    );
    assert.match(
      faults.join(),
      /^tenant hr: models\.allow\[0\]: "llama3.2:3b" is not a model of the catalogue: .*llama3\.1:8b/,
    );
  });

  it("refuses lists that leave nothing", () => {
    const nothing = changed("hr", (tenant) => {
      tenant.models.allow = [];
    });
    assert.match(faultsOf(nothing).join(), /models\.allow: is empty/);
    const denied = changed("hr", (tenant) => {
      tenant.models.deny = ["llama3.2:1b"];
    });
    assert.match(faultsOf(denied).join(), /models\.deny: leaves no model/);
  });
});
