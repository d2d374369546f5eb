import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { DeclarationError, formatFaults, type LocatedFault } from "../../../components/spec/fault";
import { compliant, faultsIn, placeOf, tenant, withProject, write, type Files } from "./fixture";

/** One environment with every kind of mistake, spread over all its files. */
function broken(): Files {
  const files = compliant();
  const { config, tenants } = files;
  config.nodePool = [];
  config.cluster.nodeCidrs = ["192.168.0.1/24"];
  config.images.ollama = "docker.io/ollama/ollama:latest";
  config.nodePools[1].spot = true;
  config.nodePools[2].limits.memory = "256GB";
  config.nodePools[2].tenancy = "dedicated";
  config.models.push({ name: "Mistral:7B" }, { name: "phi4", layers: "40" });
  const finance = tenants["finance"].spec;
  finance.isolationLevel = "dedicated";
  finance.quotas = finance.quota;
  finance.models.allow = ["lama3.1:8b", "mistral:7b"];
  finance.server.gpus = 3;
  finance.autoscaling.minReplicas = 3;
  finance.quota.memory = "8Gi";
  finance.access.operators = ["system:masters"];
  finance.network.egressTo.push({ cidr: "169.254.169.254/32", ports: [{ port: 80 }] });
  finance.network.ingressFrom[0].namespace = "tenant-hr";
  tenants["hr"].metadata.name = "HR";
  tenants["hr"].spec.server = { nodePool: "finance-gp", memory: 4 };
  tenants["hr"].spec.autoscaling = "auto";
  tenants["copy"] = tenant("finance", { models: { allow: ["mistral:7b"] } });
  tenants["legal"] = { apiVersion: "ollama-platform.io/v1", kind: "Tenant", metadata: { name: "legal" } };
  return files;
}

const expected = [
  "Pulumi.test.yaml: config.ollama-platform:cluster.nodeCidrs[0]",
  "Pulumi.test.yaml: config.ollama-platform:images.ollama",
  "Pulumi.test.yaml: config.ollama-platform:models[3].name",
  "Pulumi.test.yaml: config.ollama-platform:models[4].layers",
  "Pulumi.test.yaml: config.ollama-platform:nodePool",
  "Pulumi.test.yaml: config.ollama-platform:nodePools[1].spot",
  "Pulumi.test.yaml: config.ollama-platform:nodePools[2].limits.memory",
  "Pulumi.test.yaml: config.ollama-platform:nodePools[2].tenant",
  "tenants/test/copy.yaml: metadata.name",
  "tenants/test/finance.yaml: spec.access.operators[0]",
  "tenants/test/finance.yaml: spec.autoscaling.minReplicas",
  "tenants/test/finance.yaml: spec.isolationLevel",
  "tenants/test/finance.yaml: spec.models.allow[0]",
  "tenants/test/finance.yaml: spec.network.egressTo[1].cidr",
  "tenants/test/finance.yaml: spec.network.ingressFrom[0].namespace",
  "tenants/test/finance.yaml: spec.quota.gpus",
  "tenants/test/finance.yaml: spec.quota.memory",
  "tenants/test/finance.yaml: spec.quotas",
  "tenants/test/finance.yaml: spec.server.gpus",
  "tenants/test/hr.yaml: metadata.name",
  "tenants/test/hr.yaml: spec.autoscaling",
  "tenants/test/hr.yaml: spec.server.memory",
  "tenants/test/hr.yaml: spec.server.nodePool",
  "tenants/test/legal.yaml: spec",
  "tenants/test/notes.txt",
  "tenants/test/research.yaml",
];

describe("every fault of every file", () => {
  /** Faults of the broken environment, and its files by name. */
  const faults = (): readonly LocatedFault[] =>
    withProject(broken(), (root) => {
      write(root, "tenants/test/research.yaml", "kind: [Tenant\n");
      write(root, "tenants/test/notes.txt", "");
      return faultsIn(root);
    });

  it("is reported at once, each where it is, and nothing that only follows from it", () => {
    assert.deepEqual(faults().map(placeOf).sort(), expected);
  });

  it("stands in one message with value, allowed values and fix", () => {
    const { message } = new DeclarationError(faults());
    assert.match(message, /^The configuration has 26 faults; nothing was changed\.\n/);
    for (const place of expected) assert.ok(message.includes(`\n${place}`), place);
    assert.match(message, /value: +"256GB"\n +problem: .*\n +allowed: .*\n +fix: +did you mean `256Gi`\?/);
  });

  it("names the line and column of the value, or of the key when that is wrong", () => {
    withProject(broken(), (root) => {
      const all = faultsIn(root).filter(({ path: way }) => way !== "");
      for (const { file, path: way, line, column } of all) {
        const text = readFileSync(path.join(root, file), "utf8").split("\n")[(line ?? 0) - 1] ?? "";
        const rest = text.slice((column ?? 0) - 1);
        assert.ok(rest !== "" && !rest.startsWith(" "), `${file}:${line}:${column} of ${way} is a token`);
      }
      const positions = new Map(all.map((fault) => [fault.path, fault]));
      const lineOf = (way: string) => positions.get(way)?.line ?? 0;
      const text = readFileSync(path.join(root, "tenants/test/finance.yaml"), "utf8").split("\n");
      assert.match(text[lineOf("spec.autoscaling.minReplicas") - 1] ?? "", /minReplicas: 3/);
      assert.match(text[lineOf("spec.quotas") - 1] ?? "", /^ {2}quotas:/);
      assert.match(text[lineOf("spec.models.allow[0]") - 1] ?? "", /- lama3\.1:8b/);
    });
  });
});

describe("the message", () => {
  const fault: LocatedFault = {
    file: "a.yaml",
    path: "spec.x",
    line: 2,
    column: 5,
    value: "1",
    problem: "is wrong",
    allowed: "2",
    fix: "write 2",
  };

  it("counts one fault in the singular", () => {
    assert.match(formatFaults([fault]), /^The configuration has 1 fault;/);
  });

  it("shows a fault without position or value in fewer lines", () => {
    const text = formatFaults([{ file: "a.yaml", path: "", problem: "is empty", fix: "fill it" }]);
    assert.equal(
      text,
      "The configuration has 1 fault; nothing was changed.\n\na.yaml\n  problem: is empty\n  fix:     fill it",
    );
  });

  it("comes without lines of code, whose formatting takes the SDK half a minute", () => {
    const error = new DeclarationError([fault]);
    assert.equal(error.stack, `DeclarationError: ${error.message}`);
  });

  it("says the same of the same place once", () => {
    assert.equal(new DeclarationError([fault, { ...fault }]).faults.length, 1);
  });

  it("sorts by file and place", () => {
    const later = { ...fault, line: 3 };
    const other = { ...fault, file: "b.yaml" };
    assert.deepEqual(
      new DeclarationError([other, later, fault].map((one, n) => ({ ...one, problem: `${n}` }))).faults.map(
        ({ file, line }) => `${file}:${line}`,
      ),
      ["a.yaml:2", "a.yaml:3", "b.yaml:2"],
    );
  });
});
