import { strict as assert } from "node:assert";
import type { Deployment, KubernetesObject, NetworkPolicy } from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { platformServiceObjects } from "../../../components/plan/platform-namespace";
import { LIMITS_HOST } from "../../../components/plan/shared-limits/names";
import { typedArguments, resolveArguments } from "../../../components/spec/arguments";
import type { PlatformSpec, SharedLimitsSpec } from "../../../components/spec/index";
import { startFiles } from "../../../components/plan/server/gateway";
import { loadSettings } from "../../../policy-pack/settings/load";
import { rules } from "../../../policy-pack/rules";
import { faultsOfPlatform } from "../../support/faults";
import { judgeObjects } from "../../../tools/report/state";
import { unpacked } from "../../../policy-pack/model/packed-files";
import { platform } from "./fixture";

const declared = (sharedLimits: SharedLimitsSpec | undefined = {}): PlatformSpec => {
  const spec = platform();
  return { ...spec, cluster: { ...spec.cluster, ...(sharedLimits && { sharedLimits }) } };
};

const objectsOf = (limits?: SharedLimitsSpec) => {
  const { sharedLimits } = planPlatform(declared(limits));
  assert.ok(sharedLimits);
  return platformServiceObjects(sharedLimits);
};
const policiesIn = (objects: KubernetesObject[], namespace: string) =>
  (objects as NetworkPolicy[]).filter(
    ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.namespace === namespace,
  );

describe("limits that replicas share", () => {
  it("have a service in a namespace that only the gateways of tenants, and those who scrape, can reach", () => {
    const policies = policiesIn(objectsOf(), "ollama-platform-limits");
    assert.deepEqual(
      policies.map(({ metadata, spec }) => [metadata.name, spec.policyTypes, spec.egress]),
      [
        ["default-deny", ["Ingress", "Egress"], undefined],
        ["allow-gateways", ["Ingress"], undefined],
        ["allow-monitoring", ["Ingress"], undefined],
      ],
    );
    assert.deepEqual(policies[1]?.spec.ingress?.[0], {
      from: ["finance", "hr", "legal"].map((name) => ({
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": `tenant-${name}` } },
        podSelector: { matchLabels: { "app.kubernetes.io/name": "ollama", "ollama-platform.io/tenant": name } },
      })),
      ports: [{ port: 8080, protocol: "TCP" }],
    });
  });

  it("let each tenant's servers out to the service, and no other pod of the tenant", () => {
    const objects = platformObjects(planPlatform(declared()));
    for (const name of ["finance", "hr", "legal"]) {
      const policy = policiesIn(objects, `tenant-${name}`).find(
        ({ metadata }) => metadata.name === "allow-shared-limits",
      );
      assert.deepEqual(policy?.spec.podSelector?.matchLabels, {
        "app.kubernetes.io/name": "ollama",
        "ollama-platform.io/tenant": name,
      });
      assert.deepEqual(policy?.spec.egress?.[0]?.ports, [{ port: 8080, protocol: "TCP" }]);
    }
  });

  it("are asked for by every gateway, and by none where none are declared", () => {
    const filesWith = (spec: PlatformSpec) => {
      const { tenants } = resolveArguments(typedArguments("platformArguments", "environment test", spec));
      const [tenant] = tenants;
      assert.ok(tenant);
      return JSON.stringify(unpacked(Buffer.from(startFiles(tenant).archives["config.tar.gz"] ?? "", "base64")));
    };
    assert.ok(filesWith(declared()).includes(LIMITS_HOST));
    assert.ok(/grace_s\W+7\b/.test(filesWith(declared({ graceSeconds: 7 }))));
    assert.ok(!filesWith(platform()).includes("grace_s"));
    assert.equal(planPlatform(platform()).sharedLimits, undefined);
  });

  it("keep their counts in the pod, or on a volume that is declared", () => {
    const volumeOf = (limits?: SharedLimitsSpec) => {
      const objects = objectsOf(limits);
      const deployment = objects.find(({ kind }) => kind === "Deployment") as Deployment;
      const claim = objects.find(({ kind }) => kind === "PersistentVolumeClaim") as { spec?: object } | undefined;
      return {
        volume: deployment.spec.template.spec?.volumes?.find(({ name }) => name === "counts"),
        claim: claim?.spec,
      };
    };
    assert.deepEqual(volumeOf(), { volume: { name: "counts", emptyDir: { sizeLimit: "256Mi" } }, claim: undefined });
    assert.deepEqual(volumeOf({ storageSize: "1Gi", storageClass: "block" }), {
      volume: { name: "counts", persistentVolumeClaim: { claimName: "counts" } },
      claim: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1Gi" } },
        storageClassName: "block",
      },
    });
  });

  it("are refused with a class for a volume that is not declared", () => {
    const [fault, ...more] = faultsOfPlatform(declared({ storageClass: "block" }));
    assert.match(JSON.stringify(fault), /storageClass/);
    assert.deepEqual(more, []);
  });

  it("break no rule of the policy pack that the environment without them does not break", () => {
    const settings = loadSettings(
      {},
      rules.map(({ id }) => id),
    );
    const broken = (spec: PlatformSpec) =>
      judgeObjects(
        platformObjects(planPlatform(spec)) as (KubernetesObject & Record<string, unknown>)[],
        settings,
        "2030-01-01",
      )
        .judgement.violations.map(({ rule, object, message }) => `${rule} ${JSON.stringify(object)} ${message}`)
        .sort();
    const before = new Set(broken(platform()));
    assert.deepEqual(
      broken(declared()).filter((violation) => !before.has(violation)),
      [],
    );
  });
});
