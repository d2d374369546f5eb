import * as k8s from "@pulumi/kubernetes";
import type { ProviderResource, Resource } from "@pulumi/pulumi";
import { namespaceOf } from "./fences";

const labels = { app: "website" };
const size = { cpu: "100m", memory: "64Mi", "ephemeral-storage": "64Mi" };

/** A team's web server; it starts when the fences of its namespace are there. */
export function website(team: string, dependsOn: Resource[], provider: ProviderResource): void {
  const options = { dependsOn, provider };
  const namespace = namespaceOf(team);
  const metadata = { name: "website", namespace };
  new k8s.core.v1.ServiceAccount(`${team}-website`, { metadata, automountServiceAccountToken: false }, options);
  new k8s.apps.v1.Deployment(
    `${team}-website`,
    {
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: "website",
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 101, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "web",
                image: "docker.io/nginxinc/nginx-unprivileged:1.29.1",
                env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }],
                ports: [{ name: "http", containerPort: 8080 }],
                resources: { requests: size, limits: size },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ["ALL"] },
                },
                volumeMounts: [{ name: "scratch", mountPath: "/tmp" }],
              },
            ],
            volumes: [{ name: "scratch", emptyDir: { sizeLimit: "16Mi" } }],
          },
        },
      },
    },
    options,
  );
  new k8s.core.v1.Service(
    `${team}-website`,
    { metadata, spec: { selector: labels, ports: [{ port: 80, targetPort: "http" }] } },
    options,
  );
}
