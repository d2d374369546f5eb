import { PolicyPack } from "@pulumi/policy";
import { createPolicies } from "./policies";
import { rules } from "./rules";

new PolicyPack("ollama-isolation", {
  displayName: "Ollama tenant isolation",
  description: "Proves before anything is deployed that no tenant can reach, read, starve or outgrow another.",
  enforcementLevel: "mandatory",
  tags: ["kubernetes", "multi-tenancy", "isolation", "ollama"],
  policies: createPolicies(rules, () => new Date().toISOString().slice(0, 10)),
});
