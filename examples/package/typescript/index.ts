import { Tenant } from "ollama-platform";

const hr = new Tenant("hr", {
  environment: "dev",
  models: [{ name: "qwen2.5:0.5b" }, { name: "smollm2:135m" }],
  tenant: {
    name: "hr",
    displayName: "Human resources",
    models: { allow: ["qwen2.5:0.5b"], deny: ["smollm2:135m"] },
    server: { cpu: "2", memory: "4Gi", contextLength: 4096 },
    autoscaling: { minReplicas: 1, maxReplicas: 2 },
    access: { viewers: ["hr-business-partners"], clients: [{ name: "portal" }] },
  },
});

export const tenant = hr.tenant;
export const clientKeys = hr.clientKeys;
