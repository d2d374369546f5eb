"""A tenant of the Ollama platform."""

import pulumi
import pulumi_ollama_platform as ollama

hr = ollama.Tenant(
    "hr",
    environment="dev",
    models=[ollama.ModelSpecArgs(name="qwen2.5:0.5b"), ollama.ModelSpecArgs(name="smollm2:135m")],
    tenant=ollama.TenantSpecArgs(
        name="hr",
        display_name="Human resources",
        models=ollama.ModelAccessSpecArgs(allow=["qwen2.5:0.5b"], deny=["smollm2:135m"]),
        server=ollama.ServerSpecArgs(cpu="2", memory="4Gi", context_length=4096),
        autoscaling=ollama.AutoscalingSpecArgs(min_replicas=1, max_replicas=2),
        access=ollama.AccessSpecArgs(
            viewers=["hr-business-partners"],
            clients=[ollama.ClientSpecArgs(name="portal")],
        ),
    ),
)

pulumi.export("tenant", hr.tenant)
pulumi.export("clientKeys", hr.client_keys)
