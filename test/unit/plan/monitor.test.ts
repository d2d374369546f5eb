import { strict as assert } from "node:assert";
import { gunzipSync } from "node:zlib";
import { monitorDeclaration } from "../../../components/plan/monitor/declaration";
import { planMonitor } from "../../../components/plan/monitor/monitor";
import { platformServiceObjects, type PlatformService } from "../../../components/plan/platform-namespace";
import { DECLARATION_FILE, PROGRAM_FILE } from "../../../components/plan/monitor/pod";
import type {
  ConfigMap,
  Deployment,
  KubernetesObject,
  NetworkPolicy,
  PolicyRule,
} from "../../../components/plan/kubernetes";
import { planPlatform, platformObjects } from "../../../components/plan/platform";
import { resolveArguments, typedArguments } from "../../../components/spec/arguments";
import type { MonitorSpec, PlatformSpec } from "../../../components/spec/index";
import { resolveMonitor } from "../../../components/spec/monitor";
import { gzipSync } from "node:zlib";
import { readDeclaration, type DeclarationFile } from "../../../verifier/monitor/declaration";
import { judgeObjects } from "../../../tools/report/state";
import { loadSettings } from "../../../policy-pack/settings/load";
import { rules } from "../../../policy-pack/rules";
import { platform } from "./fixture";

const spec: MonitorSpec = { apiServerCidrs: ["192.168.0.10/32", "192.168.0.11/32"] };
const program = gzipSync("console.log('a program')");

function planned(change: (platform: PlatformSpec) => void = () => undefined, monitor = spec): PlatformService {
  const declared = platform();
  change(declared);
  const { environment, tenants } = resolveArguments(typedArguments("platformArguments", "environment test", declared));
  return planMonitor(resolveMonitor(monitor), environment, tenants, platformObjects(planPlatform(declared)), program);
}

const all = (plan: PlatformService) => platformServiceObjects(plan) as (KubernetesObject & Record<string, unknown>)[];
const rulesOf = (plan: PlatformService) =>
  all(plan).find(({ kind }) => kind === "ClusterRole")?.["rules"] as PolicyRule[];
const policies = (plan: PlatformService) =>
  all(plan).filter(({ kind }) => kind === "NetworkPolicy") as unknown as NetworkPolicy[];
const mapWith = (plan: PlatformService, file: string): ConfigMap => {
  const found = (plan.files as ConfigMap[]).find(({ binaryData = {} }) => file in binaryData);
  assert.ok(found);
  return found;
};
const declarationOf = (plan: PlatformService): DeclarationFile => {
  const { binaryData = {} } = mapWith(plan, DECLARATION_FILE);
  return JSON.parse(
    gunzipSync(Buffer.from(binaryData[DECLARATION_FILE] ?? "", "base64")).toString(),
  ) as DeclarationFile;
};

describe("the monitor's objects", () => {
  it("let it list and watch, and nothing else, and no Secrets", () => {
    for (const { apiGroups = [], resources = [], verbs } of rulesOf(planned())) {
      assert.deepEqual(verbs, ["list", "watch"]);
      assert.ok(!apiGroups.includes("*"));
      if (apiGroups.includes("")) assert.ok(!resources.includes("secrets") && !resources.includes("*"));
      assert.deepEqual(
        resources.filter((resource) => resource.includes("/")),
        [],
      );
    }
  });

  it("let it write reports of its own namespace, and nothing where a tenant is", () => {
    const [role, ...others] = all(planned()).filter(({ kind }) => kind === "Role");
    assert.equal(others.length, 0);
    assert.equal(role?.metadata.namespace, "ollama-platform-monitor");
    for (const { apiGroups, resources, verbs } of role?.["rules"] as PolicyRule[]) {
      assert.match(
        `${resources?.join()}.${apiGroups?.join()}`,
        /^(reports\.openreports\.io|policyreports\.wgpolicyk8s\.io)$/,
      );
      assert.deepEqual(verbs, ["create", "delete", "list", "patch"]);
    }
  });

  it("let it look at everything that Karpenter brings along, so that a check is not undecided for it", () => {
    const groups = rulesOf(planned()).flatMap(({ apiGroups = [] }) => apiGroups);
    for (const group of ["karpenter.sh", "karpenter.k8s.aws", "autoscaling.x-k8s.io"])
      assert.ok(groups.includes(group), group);
  });

  it("let it look at further API groups that are declared", () => {
    const groups = rulesOf(planned(undefined, { ...spec, apiGroups: ["example.com"] })).flatMap(
      (rule) => rule.apiGroups ?? [],
    );
    assert.ok(groups.includes("example.com"));
  });

  it("close its namespace but for the API server and those who scrape", () => {
    const [deny, api, monitoring, ...more] = policies(planned()).map(({ spec: own }) => own);
    assert.deepEqual(deny, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    assert.deepEqual(api?.egress, [
      {
        to: [{ ipBlock: { cidr: "192.168.0.10/32" } }, { ipBlock: { cidr: "192.168.0.11/32" } }],
        ports: [{ port: 6443, protocol: "TCP" }],
      },
    ]);
    assert.deepEqual(monitoring?.ingress?.[0]?.from, [
      {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
        podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
      },
    ]);
    assert.deepEqual(more, []);
  });

  it("let in those who scrape from their node's network by the nodes' addresses", () => {
    const [, , monitoring] = policies(
      planned(({ cluster = {} }) => {
        cluster.nodeCidrs = ["192.168.0.0/24"];
        cluster.monitoring = [
          { namespace: "monitoring", podLabels: { "app.kubernetes.io/name": "prometheus" }, hostNetwork: true },
        ];
      }),
    );
    assert.deepEqual(monitoring?.spec.ingress?.[0]?.from, [{ ipBlock: { cidr: "192.168.0.0/24" } }]);
  });

  it("let nobody in when nobody scrapes", () => {
    const names = policies(planned(({ cluster = {} }) => (cluster.monitoring = []))).map(
      ({ metadata }) => metadata.name,
    );
    assert.deepEqual(names, ["default-deny", "allow-api-server"]);
  });

  it("run the image of the model loader with a token of an hour, on a root that cannot be written", () => {
    const deployment = all(planned()).find(({ kind }) => kind === "Deployment") as unknown as Deployment;
    const pod = deployment.spec.template.spec;
    const [container] = pod?.containers ?? [];
    assert.equal(container?.image, "docker.io/library/node:22.23.3-bookworm-slim");
    assert.equal(container.securityContext?.readOnlyRootFilesystem, true);
    assert.equal(pod?.automountServiceAccountToken, false);
    const sources = pod.volumes?.find(({ name }) => name === "account")?.projected?.sources ?? [];
    assert.equal(sources[0]?.serviceAccountToken?.expirationSeconds, 3600);
  });

  it("tell it what is declared, without Secrets, and who deploys what under which settings", () => {
    const policySettings = JSON.stringify({ "tenant-isolation": { images: { requireDigest: true } } });
    const { settings, tenants, expiries, objects } = declarationOf(planned(undefined, { ...spec, policySettings }));
    assert.deepEqual(settings, { images: { requireDigest: true } });
    assert.ok(tenants.some(({ name, namespace }) => name === "finance" && namespace === "tenant-finance"));
    assert.ok(expiries.some(({ tenant, client }) => tenant === "finance" && client === "analysts"));
    const kinds = new Set(objects.map((object) => object["kind"]));
    for (const kind of ["NetworkPolicy", "ResourceQuota", "Role", "Deployment", "ClusterRole"])
      assert.ok(kinds.has(kind), kind);
    assert.ok(!kinds.has("Secret"));
  });

  it("tell it what it is itself, so that it reports a hand on its own Deployment, Service and program", () => {
    const plan = planned();
    const { objects } = declarationOf(plan);
    const own = objects.filter(({ metadata }) => metadata.namespace === "ollama-platform-monitor");
    const named = (kind: string) => own.find((object) => object.kind === kind);
    const deployment = plan.workload[0] as Deployment;
    const told = named("Deployment") as unknown as Deployment;
    // The declaration's name tells its content, so that it cannot be in there; the monitor fills it in.
    assert.notDeepEqual(told.spec, deployment.spec);
    const { binaryData = {} } = mapWith(plan, DECLARATION_FILE);
    const read = readDeclaration(Buffer.from(binaryData[DECLARATION_FILE] ?? "", "base64"));
    assert.equal(read.name, mapWith(plan, DECLARATION_FILE).metadata.name);
    const known = read.objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "monitor");
    assert.deepEqual(known?.["spec"], JSON.parse(JSON.stringify(deployment.spec)));
    assert.ok(named("Service"));
    assert.ok(own.some(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === plan.files[0]?.metadata.name));
  });

  it("are replaced when the declaration or the program is another, and stay when they are the same", () => {
    const names = (plan: PlatformService) => plan.files.map(({ metadata }) => metadata.name);
    assert.deepEqual(names(planned()), names(planned()));
    const other = planned(({ tenants }) => tenants.pop());
    assert.equal(names(other)[0], names(planned())[0]);
    assert.notEqual(names(other)[1], names(planned())[1]);
    assert.ok(mapWith(planned(), PROGRAM_FILE).immutable);
  });

  it("are refused when the declaration is too long for a ConfigMap", () => {
    const { environment, tenants } = resolveArguments(
      typedArguments("platformArguments", "environment test", platform()),
    );
    const long = Array.from({ length: 60_000 }, (_, index) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: `${Math.sin(index)}`, labels: { random: `${Math.cos(index)}` } },
    }));
    assert.throws(() => planMonitor(resolveMonitor(spec), environment, tenants, long, program), /divide the tenants/);
    assert.ok(monitorDeclaration("test", resolveMonitor(spec), tenants, long).length > 1024 * 1024);
  });

  it("break no rule of the policy pack about rights and namespaces", () => {
    const settings = loadSettings(
      {},
      rules.map(({ id }) => id),
    );
    const { violations } = judgeObjects(all(planned()), settings, "2030-01-01").judgement;
    assert.deepEqual(
      violations.filter(({ rule }) => /^(rbac|namespaces)\//.test(rule)),
      [],
    );
  });
});
