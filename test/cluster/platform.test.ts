import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../../tools/local/paths";
import { openLocalStack } from "../../tools/local/stack";
import { clientsOf, isAllowed } from "../support/access";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlJson, kubectlWith, type Kubectl } from "../support/kubectl";
import { editYaml, tenantFile } from "../support/project";
import { preview, up } from "../support/update";
import { eventually, inBatches } from "../support/wait";
import { attempts, expected, type Person } from "./access-matrix";
import { apply, podManifest, type PodShape } from "./pods";

const poolKey = "node-restriction.kubernetes.io/ollama-pool";

interface Pod {
  metadata: { name: string };
  spec: { nodeName?: string };
  status: { conditions?: { type: string; status: string }[] };
}

interface Node {
  metadata: { name: string; labels: Record<string, string> };
  spec: { taints?: { key: string; value?: string; effect: string }[] };
}

describe("the platform on a real control plane", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;

  before("start the cluster", async () => {
    environment = await openTestEnvironment("cluster");
    // The admission guard has tests of its own: here it would refuse what quotas and the scheduler are to refuse.
    kubectl = kubectlWith(environment.tools, environment.deployerKubeconfig);
  });
  after(() => environment?.close());

  it("answers npm run init with a stack whose preview under the policy pack is green, with nothing edited", async () => {
    const { project, directory, tools, cluster } = environment;
    ownPackSettings(project);
    const written = await initialise("asked", project, environment.deployerKubeconfig);
    assert.match(written, /^written {4}Pulumi\.asked\.yaml$/m);
    const stack = await openLocalStack({ name: "asked", project, directory, tools, kubeconfig: cluster.kubeconfig });
    const result = await preview(stack);
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(result.violations, []);
    assert.ok(result.changes.some(({ op, urn }) => op === "create" && urn.includes("tenant-first")));
  });

  it("takes the dev stack", async () => {
    const result = await up(environment.stack);
    assert.equal(result.code, 0, result.output);
  });

  const pods = async (namespace: string) =>
    (await kubectlJson<{ items: Pod[] }>(kubectl, "get", "pods", "--namespace", namespace)).items;

  const readyPod = (namespace: string) =>
    eventually(`a Ready pod in ${namespace}`, 90, async () =>
      (await pods(namespace)).find(({ status }) =>
        status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"),
      ),
    );

  const nodeOf = async (pod: Pod) => kubectlJson<Node>(kubectl, "get", "node", pod.spec.nodeName ?? "");

  describe("placement", () => {
    it("runs the GPU tenant on a node that Karpenter made for it, with the pool's taint and label", async () => {
      const node = await nodeOf(await readyPod("tenant-finance"));
      assert.equal(node.metadata.labels[poolKey], "finance-gpu");
      assert.equal(node.metadata.labels["karpenter.sh/nodepool"], "finance-gpu");
      const taint = node.spec.taints?.find(({ key }) => key === poolKey);
      assert.deepEqual([taint?.value, taint?.effect], ["finance-gpu", "NoSchedule"]);
    });

    it("runs the CPU tenant on a node of no pool", async () => {
      const node = await nodeOf(await readyPod("tenant-hr"));
      assert.equal(node.metadata.labels[poolKey], undefined);
    });

    it("keeps another tenant's pod off the GPU node even if it asks for that node's label", async () => {
      const made = await apply(kubectl, pod({ name: "stray", nodeSelector: { [poolKey]: "finance-gpu" } }));
      assert.equal(made.code, 0, made.stderr);
      const stray = await eventually("the scheduler's verdict on the stray pod", 30, async () => {
        const found = (await pods("tenant-hr")).find(({ metadata }) => metadata.name === "stray");
        return found?.status.conditions?.some(({ type, status }) => type === "PodScheduled" && status === "False")
          ? found
          : undefined;
      });
      assert.equal(stray.spec.nodeName, undefined);
      await kubectl("delete", "pod", "stray", "--namespace", "tenant-hr", "--wait=false");
    });
  });

  describe("quota", () => {
    it("refuses the pod that exceeds it and admits one that fits (control)", async () => {
      const fits = await apply(kubectl, pod({ name: "fits" }), "--dry-run=server");
      assert.equal(fits.code, 0, fits.stderr);
      const tooMuch = await apply(kubectl, pod({ name: "too-much", memory: "4Ti" }), "--dry-run=server");
      assert.notEqual(tooMuch.code, 0);
      assert.match(tooMuch.stderr, /exceeded quota: quota/);
    });

    it("refuses GPUs to the tenant that has none", async () => {
      const refused = await apply(kubectl, pod({ name: "gpu", gpus: 1 }), "--dry-run=server");
      assert.match(refused.stderr, /exceeded quota: quota.*requests\.nvidia\.com\/gpu/);
    });

    it("refuses pods of another priority class than the tenant's own", async () => {
      for (const priorityClassName of [undefined, "system-cluster-critical", "ollama-platform-tenant-finance"]) {
        const refused = await apply(kubectl, pod({ name: "priority", priorityClassName }), "--dry-run=server");
        assert.notEqual(refused.code, 0, `priority class ${priorityClassName}`);
      }
    });

    for (const type of ["NodePort", "LoadBalancer"]) {
      it(`refuses a Service of type ${type}, and admits a ClusterIP (control)`, async () => {
        const create = (kind: string) =>
          kubectl("create", "service", kind, "opening", "--tcp=80", "--namespace", "tenant-hr", "--dry-run=server");
        assert.match((await create(type.toLowerCase())).stderr, /exceeded quota/);
        assert.equal((await create("clusterip")).code, 0);
      });
    }
  });

  describe("pod security", () => {
    const broken: [what: string, change: Partial<PodShape>][] = [
      ["a privileged container", { security: { privileged: true, allowPrivilegeEscalation: true } }],
      ["a container as root", { security: { runAsNonRoot: false, runAsUser: 0 } }],
      ["an added capability", { security: { capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } } }],
      ["a container without seccomp profile", { security: { seccompProfile: { type: "Unconfined" } } }],
      ["the host's network", { spec: { hostNetwork: true } }],
      ["the host's processes", { spec: { hostPID: true } }],
      ["a host path", { spec: { volumes: [{ name: "host", hostPath: { path: "/" } }] } }],
    ];
    for (const [what, change] of broken) {
      it(`refuses ${what}`, async () => {
        const refused = await apply(kubectl, pod({ name: "broken", ...change }), "--dry-run=server");
        assert.match(refused.stderr, /violates PodSecurity "restricted/);
      });
    }
  });

  describe("rights", () => {
    const person = (role: Person["role"], tenant: string, group: string): Person => ({
      name: `${role} of ${tenant}`,
      user: "someone",
      groups: [group],
      role,
      namespace: `tenant-${tenant}`,
    });
    const account = (tenant: string, name: string): Person => ({
      name: `service account ${name} of ${tenant}`,
      user: `system:serviceaccount:tenant-${tenant}:${name}`,
      groups: ["system:serviceaccounts", `system:serviceaccounts:tenant-${tenant}`],
      role: "none",
    });
    const people: Person[] = [
      person("viewer", "finance", "finance-analysts"),
      person("operator", "finance", "finance-operators"),
      person("viewer", "hr", "hr-business-partners"),
      person("operator", "hr", "hr-operators"),
      ...["finance", "hr"].flatMap((tenant) => [account(tenant, "ollama"), account(tenant, "default")]),
      { name: "a stranger", user: "stranger", groups: ["strangers"], role: "none" },
    ];
    const namespaces = ["tenant-finance", "tenant-hr", "kube-system", "default"];

    for (const who of people) {
      it(`are exactly the role's: ${who.name}`, async () => {
        const { authorization } = clientsOf(environment.cluster.kubeconfig);
        const wrong = await inBatches(attempts(namespaces), 32, async (attempt) => {
          const allowed = await isAllowed(authorization, who, attempt);
          return allowed === expected(who, attempt)
            ? []
            : [`${allowed ? "may" : "may not"} ${JSON.stringify(attempt)}`];
        });
        assert.deepEqual(wrong, []);
      });
    }

    it("are all held by an administrator (control)", async () => {
      const { authorization } = clientsOf(environment.cluster.kubeconfig);
      const admin = { name: "admin", user: "admin", groups: ["system:masters"] };
      const refused = await inBatches(attempts(["tenant-hr"]), 32, async (attempt) =>
        (await isAllowed(authorization, admin, attempt)) ? [] : [attempt],
      );
      assert.deepEqual(refused, []);
    });
  });

  describe("scaling", () => {
    it("provisions a second GPU node for a second replica; a third is refused by the quota and gets no node", async () => {
      await kubectl("scale", "deployment/ollama", "--replicas=3", "--namespace", "tenant-finance");
      const nodes = () =>
        kubectlJson<{ items: Node[] }>(kubectl, "get", "nodes", "--selector", "karpenter.sh/nodepool=finance-gpu");
      await eventually("a second GPU node", 60, async () => ((await nodes()).items.length >= 2 ? true : undefined));
      await eventually("the quota's refusal of the third replica", 60, async () => {
        const { stdout } = await kubectl(
          "get",
          "events",
          "--namespace",
          "tenant-finance",
          "-o",
          "jsonpath={..message}",
        );
        return /exceeded quota: quota.*requests\.nvidia\.com\/gpu/.test(stdout) ? true : undefined;
      });
      assert.equal((await nodes()).items.length, 2);
    });

    it("removes the GPU nodes when the tenant is gone", async () => {
      editYaml(environment.project, "Pulumi.dev.yaml", ({ config }) => {
        config["ollama-platform:nodePools"] = [];
      });
      rmSync(`${environment.project}/${tenantFile("finance")}`);
      const result = await up(environment.stack);
      assert.equal(result.code, 0, result.output);
      await eventually("the GPU nodes to leave", 120, async () => {
        const left = await kubectlJson<{ items: Node[] }>(kubectl, "get", "nodes", "--selector", poolKey);
        return left.items.length === 0 ? true : undefined;
      });
    });
  });

  /** A pod of the HR tenant that complies, apart from what the test changes. */
  const pod = (shape: Partial<PodShape> & { name: string }) =>
    podManifest({ namespace: "tenant-hr", priorityClassName: "ollama-platform-tenant-hr", ...shape });
});

/** Runs `npm run init` on a project; what it printed. */
async function initialise(stack: string, project: string, kubeconfig: string): Promise<string> {
  const program = path.join(repositoryRoot, "tools", "init", "cli.ts");
  const args = ["--stack", stack, "--project", project, "--kubeconfig", kubeconfig];
  const node = ["-r", "ts-node/register/transpile-only", program, ...args];
  return (await promisify(execFile)(process.execPath, node, { cwd: repositoryRoot })).stdout;
}

/** Gives a project, whose policy pack is a link, a folder of its own for the pack's settings. */
function ownPackSettings(project: string): void {
  const pack = path.join(project, "policy-pack");
  const linked = path.join(repositoryRoot, "policy-pack");
  rmSync(pack);
  mkdirSync(pack);
  for (const name of readdirSync(linked)) {
    if (name === "config") cpSync(path.join(linked, name), path.join(pack, name), { recursive: true });
    else symlinkSync(path.join(linked, name), path.join(pack, name));
  }
}
