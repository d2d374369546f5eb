import { strict as assert } from "node:assert";
import { rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { localTools } from "../../tools/commands/context";
import { ensureTools } from "../../tools/install";
import { openLocalStack, type LocalStack } from "../../tools/local/stack";
import { scratchDirectory } from "../support/environment";
import { closedKubeconfig, createProject } from "../support/project";
import { preview, type UpdateResult } from "../support/update";

/** One weakening of the dev stack: what is done to the objects, and what the refusal must name. */
interface Break {
  what: string;
  rule: string;
  /** Object as messages name it. */
  object: string;
  /** JavaScript statements over `type` (kind of the object), `o` (the object, may be changed) and `drop` (call to leave it out). */
  code: string;
  /** Part of the field path that the message must name. */
  field: string;
}

const breaks: Break[] = [
  {
    what: "a namespace without enforced pod security",
    rule: "namespaces/pod-security-labels",
    object: "Namespace tenant-hr",
    code: `if (type === "Namespace" && o.metadata.name === "tenant-hr") delete o.metadata.labels["pod-security.kubernetes.io/enforce"];`,
    field: "pod-security.kubernetes.io/enforce",
  },
  {
    what: "a namespace without default deny",
    rule: "network/default-deny",
    object: "Namespace tenant-hr",
    code: `if (type === "NetworkPolicy" && o.metadata.namespace === "tenant-hr" && o.metadata.name === "default-deny") o.spec.policyTypes = ["Egress"];`,
    field: "",
  },
  {
    what: "a peer selected by a label that its namespace's owner may edit",
    rule: "network/selectors",
    object: "NetworkPolicy tenant-finance/allow-clients",
    code: `if (type === "NetworkPolicy" && o.metadata.name === "allow-clients") o.spec.ingress[0].from[0].namespaceSelector.matchLabels = { team: "ledger" };`,
    field: "spec.ingress[0].from[0].namespaceSelector",
  },
  {
    what: "a policy that admits another tenant",
    rule: "network/no-cross-tenant-peer",
    object: "NetworkPolicy tenant-finance/allow-clients",
    code: `if (type === "NetworkPolicy" && o.metadata.name === "allow-clients") o.spec.ingress[0].from[0].namespaceSelector.matchLabels = { "kubernetes.io/metadata.name": "tenant-hr" };`,
    field: "spec.ingress[0].from[0]",
  },
  {
    what: "another tenant's account in a role binding",
    rule: "rbac/no-cross-tenant-subject",
    object: "RoleBinding tenant-finance/viewer",
    code: `if (type === "RoleBinding" && o.metadata.namespace === "tenant-finance" && o.metadata.name === "viewer") o.subjects.push({ kind: "ServiceAccount", name: "ollama", namespace: "tenant-hr" });`,
    field: "subjects[2]",
  },
  {
    what: "a role with wildcards",
    rule: "rbac/no-wildcards",
    object: "Role tenant-hr/viewer",
    code: `if (type === "Role" && o.metadata.namespace === "tenant-hr" && o.metadata.name === "viewer") o.rules[0].verbs = ["*"];`,
    field: "rules[0].verbs",
  },
  {
    what: "a role that reads Secrets",
    rule: "rbac/no-secret-access",
    object: "Role tenant-hr/viewer",
    code: `if (type === "Role" && o.metadata.namespace === "tenant-hr" && o.metadata.name === "viewer") o.rules[0].resources.push("secrets");`,
    field: "rules[0]",
  },
  {
    what: "a privileged container",
    rule: "pods/privileged",
    object: "Deployment tenant-hr/ollama",
    code: `if (type === "Deployment" && o.metadata.namespace === "tenant-hr") o.spec.template.spec.containers[0].securityContext.privileged = true;`,
    field: "spec.template.spec.containers[0].securityContext.privileged",
  },
  {
    what: "a pod on the host's network",
    rule: "pods/host-namespaces",
    object: "Deployment tenant-hr/ollama",
    code: `if (type === "Deployment" && o.metadata.namespace === "tenant-hr") o.spec.template.spec.hostNetwork = true;`,
    field: "spec.template.spec.hostNetwork",
  },
  {
    what: "a Service that opens a port on the nodes",
    rule: "network/service-types",
    object: "Service tenant-hr/ollama",
    code: `if (type === "Service" && o.metadata.namespace === "tenant-hr") o.spec.type = "NodePort";`,
    field: "spec.type",
  },
  {
    what: "a quota below the autoscaler's maximum",
    rule: "capacity/fits-quota",
    object: "tenant-hr",
    code: `if (type === "HorizontalPodAutoscaler" && o.metadata.namespace === "tenant-hr") o.spec.maxReplicas = 50;`,
    field: "",
  },
  {
    what: "a pod on another tenant's node pool",
    rule: "placement/own-pools",
    object: "Deployment tenant-hr/ollama",
    code: `if (type === "Deployment" && o.metadata.namespace === "tenant-hr") o.spec.template.spec.nodeSelector = { "node-restriction.kubernetes.io/ollama-pool": "finance-gpu" };`,
    field: "spec.template.spec.nodeSelector",
  },
  {
    what: "an image that is not pinned",
    rule: "images/pinned",
    object: "Deployment tenant-hr/ollama",
    code: `if (type === "Deployment" && o.metadata.namespace === "tenant-hr") o.spec.template.spec.containers[0].image = "docker.io/ollama/ollama:latest";`,
    field: "spec.template.spec.containers[0].image",
  },
];

/** An entry point that runs the real program with one weakening of what it registers. */
const brokenProgram = (code: string) => `import * as pulumi from "@pulumi/pulumi";

pulumi.runtime.registerStackTransformation(({ type: token, props, opts }) => {
  const type = token.split(":").pop();
  // eslint-disable-next-line
  const o: any = props;
  if (token.startsWith("kubernetes:") && o.metadata !== undefined) { ${code} }
  return { props: o, opts };
});

module.exports = require("./program-under-test");
`;

describe("a stack with one rule broken, at preview", () => {
  let directory: string;
  let project: string;
  let stack: LocalStack;

  before("open a stack", async () => {
    const tools = await ensureTools([...localTools]);
    directory = scratchDirectory("broken-rules");
    project = createProject(directory, { "index.ts": "program-under-test.ts" });
    stack = await openLocalStack({ name: "dev", project, directory, tools, kubeconfig: closedKubeconfig(directory) });
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const previewWith = (code: string): Promise<UpdateResult> => {
    writeFileSync(path.join(project, "index.ts"), brokenProgram(code));
    return preview(stack);
  };

  it("passes with nothing broken (control)", async () => {
    const result = await previewWith("");
    assert.equal(result.code, 0, result.output);
    assert.ok(result.changes.length > 20, result.output);
  });

  for (const { what, rule, object, code, field } of breaks) {
    it(`refuses ${what} and names rule, object, field and fix`, async () => {
      const result = await previewWith(code);
      assert.notEqual(result.code, 0, result.output);
      const messages = result.violations.filter(({ level }) => level === "mandatory").map(({ message }) => message);
      const fitting = messages.filter((message) => message.includes(`[${rule}]`) && message.includes(object));
      assert.ok(fitting.length > 0, `no violation of ${rule} on ${object} among:\n${messages.join("\n")}`);
      assert.ok(
        fitting.some((message) => message.includes(field)),
        fitting.join("\n"),
      );
      assert.ok(
        fitting.every((message) => message.includes("Fix: ")),
        fitting.join("\n"),
      );
    });
  }
});
