/** Labels and annotations of namespaces, and the Pod Security levels among them. */
import assert from "node:assert/strict";
import { type Claim, ELSEWHERE } from "./claim";
import { container, enforcing, type Loose, object, pod } from "./objects";
import type { Server } from "./server";

const psLevel = (mode: string, level: string): Loose => ({ [`pod-security.kubernetes.io/${mode}`]: level });
const privileged = (namespace: string): Loose =>
  pod(namespace, { containers: [container({ securityContext: { privileged: true } })] });
const asRoot = (namespace: string): Loose =>
  pod(namespace, { securityContext: {}, containers: [container({ securityContext: { runAsUser: 0 } })] });

export const namespaceClaims: Claim[] = [
  {
    of: "namespaces/admission-exemptions",
    says: "takes the namespace out of Gatekeeper's policies",
    untried: ELSEWHERE,
  },
  { of: "namespaces/admission-exemptions", says: "changes which Kyverno policies apply", untried: ELSEWHERE },
  {
    of: "namespaces/admission-exemptions",
    says: "is the mark by which many webhooks skip a namespace",
    untried: ELSEWHERE,
  },
  {
    of: "namespaces/admission-exemptions",
    says: "lets the API server take claims in the namespace that reach devices which other tenants use",
    tried: async (server) => {
      const [marked, plain] = [
        await server.namespace({ "resource.kubernetes.io/admin-access": "true" }),
        await server.namespace(),
      ];
      const request = { name: "all", exactly: { deviceClassName: "gpu", allocationMode: "All", adminAccess: true } };
      const claim = (namespace: string): Loose =>
        object("resource.k8s.io/v1", "ResourceClaim", namespace, "claim", {
          spec: { devices: { requests: [request] } },
        });
      await server.refuses(claim(plain), /admin-access/);
      const { spec } = await server.admits(claim(marked));
      assert.equal(spec.devices.requests[0].exactly.adminAccess, true);
    },
  },
  {
    of: "namespaces/admission-exemptions",
    says: "where the admission plug-ins PodNodeSelector or PodTolerationRestriction are on",
    tried: async (server) => {
      // They are off here, as they are by default, and then the annotations do nothing.
      const namespace = await server.namespace();
      const annotations = {
        "scheduler.alpha.kubernetes.io/node-selector": "pool=other",
        "scheduler.alpha.kubernetes.io/defaultTolerations": '[{"key":"other","operator":"Exists"}]',
      };
      await server.patch(
        { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
        { metadata: { annotations } },
      );
      const { spec } = await server.admits(pod(namespace));
      assert.equal(spec.nodeSelector, undefined);
      assert.ok(spec.tolerations.every(({ key }: Loose) => key !== "other"));
    },
  },
  {
    of: "namespaces/pod-security-labels",
    says: "privileged pods would be admitted",
    tried: async (server) => {
      const [open, closed] = [await server.namespace(), await server.namespace(enforcing("restricted"))];
      await server.admits(privileged(open));
      await server.refuses(privileged(closed), /violates PodSecurity/);
    },
  },
  {
    of: "namespaces/pod-security-labels",
    says: "pods that run as root, or with the runtime's capabilities, would be admitted",
    tried: async (server) => {
      const [baseline, restricted] = [
        await server.namespace(enforcing("baseline")),
        await server.namespace(enforcing("restricted")),
      ];
      await server.refuses(privileged(baseline), /violates PodSecurity/);
      await server.admits(asRoot(baseline));
      await server.refuses(asRoot(restricted), /violates PodSecurity/);
    },
  },
  {
    of: "namespaces/pod-security-labels",
    says: "breaches of the restricted profile would go without a warning",
    tried: async (server) => {
      const warned = await server.namespace(psLevel("warn", "restricted"));
      const unwarned = await server.namespace(psLevel("warn", "baseline"));
      const warningOf = async (namespace: string) => (await server.ask(asRoot(namespace))).headers["warning"];
      assert.match(String(await warningOf(warned)), /would violate PodSecurity/);
      assert.equal(await warningOf(unwarned), undefined);
    },
  },
  {
    of: "namespaces/pod-security-labels",
    says: "breaches of the restricted profile would go without a trace in the audit log",
    untried: "as warnings, which are tried, but written into the audit log",
  },
  {
    of: "namespaces/pod-security-labels",
    says: "which is no level, so that the API server refuses the namespace",
    tried: (server) => refusesLabels(server, ["enforce", "audit", "warn"], ["restrictd", "Restricted", ""]),
  },
  {
    of: "namespaces/pod-security-labels",
    says: "which is no version of the standards, so that the API server refuses the namespace",
    tried: (server) =>
      refusesLabels(
        server,
        ["enforce-version", "audit-version", "warn-version"],
        ["1.34", "v1.034", "v1.34.1", "v2.0", ""],
      ),
  },
  {
    of: "namespaces/pod-security-labels",
    says: "without a pinned version the meaning of the profile changes with each upgrade of the cluster",
    tried: async (server) => {
      // A setting that is safe from 1.32 on: what an upgrade from 1.31 would have changed.
      const sysctls = [{ name: "net.ipv4.tcp_rmem", value: "4096 87380 16777216" }];
      const asking = (namespace: string) =>
        pod(namespace, {
          securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" }, sysctls },
        });
      const pinned = await server.namespace(enforcing("restricted", "v1.31"));
      const unpinned = await server.namespace(psLevel("enforce", "restricted"));
      await server.refuses(asking(pinned), /forbidden sysctls/);
      await server.admits(asking(unpinned));
    },
  },
  {
    of: "namespaces/workspace",
    says: "whose developers reach it past the gateway's keys and model list",
    untried: "follows from the rights of developers, whose ports and exec tests of workspaces try on the real node",
  },
];

async function refusesLabels(server: Server, modes: readonly string[], values: readonly string[]): Promise<void> {
  const namespace = (labels: Loose): Loose => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "new", labels },
  });
  for (const mode of modes) {
    const level = mode.replace("-version", "");
    for (const value of values)
      await server.refuses(namespace({ ...psLevel(level, "restricted"), ...psLevel(mode, value) }), /must be/i);
  }
  await server.admits(namespace(enforcing("restricted", "v1.34")));
}
