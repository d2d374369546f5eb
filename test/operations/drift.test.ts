import { strict as assert } from "node:assert";
import { KubeConfig } from "@kubernetes/client-node";
import fc from "fast-check";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { clusterApi, type ClusterApi } from "../../verifier/cluster-api";
import { type ApiObject, ObjectApi } from "../../verifier/drift/api";
import { formatPath, type Step } from "../../verifier/drift/compare";
import { declaredObjects, type DeclaredObject } from "../../verifier/drift/declared";
import { findDrift, nameOf } from "../../verifier/drift/drift";
import { formatDrift } from "../../verifier/drift/print";
import { DEPLOYER } from "../../tools/local-cluster/pki";
import { pulumiOnStack } from "../../tools/local/stack";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { kubectlWith, type Kubectl } from "../support/kubectl";
import { isLongForm } from "../support/long-form";
import { editYaml, tenantFile } from "../support/project";
import { update, type UpdateResult } from "../support/update";
import { runScript } from "./support/command";
import { distinctFields, type Place, valueAt } from "./support/fields";
import { tamper } from "./support/intruder";

/** Whether each field is tried, and not some that the seed chooses. */
const isWhole = isLongForm || process.env["DRIFT_FIELDS"] === "all";
const fieldsOfShortForm = 60;
const seed = Number(process.env["DRIFT_SEED"] ?? 15);

/** Fields of an object that are changed at the same time: every so-manieth. */
const rounds = isWhole ? 4 : 1;

describe("drift of a deployed stack", () => {
  let environment: TestEnvironment;
  let kubectl: Kubectl;
  let connection: ClusterApi;
  let api: ObjectApi;
  let declared: DeclaredObject[];

  before("deploy the dev stack with the guard and a host of a tenant's own", async () => {
    environment = await openTestEnvironment("drift");
    kubectl = kubectlWith(environment.tools, environment.deployerKubeconfig);
    const { project } = environment;
    editYaml(project, "Pulumi.dev.yaml", ({ config }) => {
      config["ollama-platform:cluster"] = {
        ...config["ollama-platform:cluster"],
        guard: { deployers: [DEPLOYER] },
        ingressControllers: [{ namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" } }],
      };
      config["ollama-platform:ingress"] = { domain: "models.example.com", ingressClass: "nginx" };
    });
    editYaml(project, tenantFile("hr"), ({ spec }) => {
      spec.ingress = { hosts: ["hr.models.example.com"], tlsSecret: "hr-certificate" };
    });
    const deployed = await withPack("up", "--yes", "--skip-preview");
    assert.equal(deployed.code, 0, deployed.output);
    const exported = await pulumiOnStack(environment.stack, "stack", ["export", "--show-secrets"]);
    declared = declaredObjects(exported.stdout).objects;
    const config = new KubeConfig();
    config.loadFromFile(environment.deployerKubeconfig);
    connection = clusterApi(config);
    api = new ObjectApi(connection);
  });
  after(() => {
    connection?.close();
    return environment?.close();
  });

  /** Runs the engine with the policy pack, which is told of the ingress controller. */
  function withPack(command: string, ...args: string[]): Promise<UpdateResult> {
    const pack = path.join(environment.project, "policy-pack");
    const settings = JSON.parse(readFileSync(path.join(pack, "config", "dev.json"), "utf8")) as {
      "tenant-isolation": { cluster: { ingressPeers: object[] }; ingress: object };
    };
    const { cluster } = settings["tenant-isolation"];
    cluster.ingressPeers.push({ namespace: "ingress-nginx", podLabels: { app: "ingress-nginx" }, ports: [8080] });
    settings["tenant-isolation"].ingress = { domains: ["models.example.com"], ingressClasses: ["nginx"] };
    const file = path.join(environment.directory, "pack.json");
    writeFileSync(file, JSON.stringify(settings));
    return update(environment.stack, command, ["--policy-pack", pack, "--policy-pack-config", file, ...args]);
  }

  /** `npm run drift`, as users of plain Pulumi run it. */
  const drift = (...args: string[]) =>
    runScript("tools/drift/cli.ts", ["--stack", "dev", ...args], environment.stack.environment);

  async function assertMended(): Promise<void> {
    const mended = await drift("--mend");
    assert.equal(mended.code, 0, mended.text);
    assert.match(mended.text, /\nMended: \d+ objects are as declared again\.\n/);
    assert.equal(formatDrift(await findDrift(api, declared)), "");
  }

  it("is none after an update", async () => {
    assert.ok(declared.length > 80);
    assert.equal(formatDrift(await findDrift(api, declared)), "");
  });

  it("is found and mended in every field of every kind of object that the cluster lets anybody change", async () => {
    const fields = chosenFields();
    let changed = 0;
    for (let round = 0; round < rounds; round++) {
      const tampered = await Promise.all(
        [...fields].map(async ([object, all]): Promise<[ApiObject, Place[]]> => {
          const places = all.filter((_, index) => index % rounds === round);
          return [object, await tamper(api, object, places)];
        }),
      );
      const found = await findDrift(api, declared);
      const missed: string[] = [];
      for (const [object, places] of tampered) {
        const told = found.find((drift) => drift.object === object)?.fields ?? [];
        const isTold = (place: Place) => told.some(({ path }) => leadsTo(path, stepsOf(place, object)));
        const untold = places.filter((place) => !isTold(place));
        // A controller may have put a field back before anybody looked.
        const live = untold.length > 0 ? await api.read(object) : undefined;
        const left = untold.filter((place) => !isDeepStrictEqual(valueAt(live, place), valueAt(object, place)));
        missed.push(...left.map((place) => `${nameOf(object)} ${place.join(".")}`));
      }
      assert.equal(missed.join("\n"), "");
      await assertMended();
      changed += tampered.reduce((sum, [, places]) => sum + places.length, 0);
    }
    console.log(`      ${changed} fields were changed, found and mended`);
    assert.ok(changed > (isWhole ? 150 : fieldsOfShortForm / 4), `${changed} fields could be changed`);
  });

  /** The fields that are tried, by their objects; in an order that does not depend on how the engine went. */
  function chosenFields(): Map<ApiObject, Place[]> {
    const sorted = declared.map(({ object }) => object).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
    const all = [...distinctFields(sorted)].flatMap(([object, places]) => places.map((place) => ({ object, place })));
    const some = fc.shuffledSubarray(all, { minLength: fieldsOfShortForm, maxLength: fieldsOfShortForm });
    const chosen = isWhole ? all : fc.sample(some, { numRuns: 1, seed }).flat();
    return new Map(
      sorted
        .map((one): [ApiObject, Place[]] => [
          one,
          chosen.filter(({ object }) => object === one).map(({ place }) => place),
        ])
        .filter(([, places]) => places.length > 0),
    );
  }

  /** A place as the drift names it: elements of lists by their names where they have some, the list as a whole otherwise. */
  function stepsOf(place: Place, object: ApiObject): Step[] {
    const steps: Step[] = [];
    for (const [index, key] of place.entries()) {
      if (typeof key === "string") steps.push(key);
      else {
        const { name } = Object(valueAt(object, place.slice(0, index + 1))) as { name?: unknown };
        if (name === undefined) break;
        steps.push({ name });
      }
    }
    return steps;
  }

  const leadsTo = (told: Step[], steps: Step[]): boolean =>
    formatPath(steps.slice(0, told.length)) === formatPath(told) || formatPath(told).startsWith(formatPath(steps));

  const named = (kind: string, name: string): ApiObject => {
    const found = declared.find(({ object }) => nameOf(object) === `${kind} ${name}`);
    assert.ok(found, `${kind} ${name}`);
    return found.object;
  };

  async function patch({ kind, metadata }: ApiObject, json: unknown, type: "json" | "merge" | "strategic") {
    const place = metadata.namespace === undefined ? [] : ["-n", metadata.namespace];
    const args = [kind, metadata.name, ...place, `--type=${type}`, "-p", JSON.stringify(json)];
    const result = await kubectl("patch", ...args);
    assert.equal(result.code, 0, result.stderr);
  }

  it("tells field, values and who it was, of all objects at once, and takes all of it back", async () => {
    const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
    const stranger = { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "strangers" };
    const added = (path: string, value: object) => [{ op: "add", path, value }];
    await patch(named("Role", "tenant-hr/operator"), added("/rules/-", secrets), "json");
    await patch(named("RoleBinding", "tenant-hr/operator"), added("/subjects/-", stranger), "json");
    await patch(named("NetworkPolicy", "tenant-hr/default-deny"), { spec: { egress: [{}] } }, "merge");
    await patch(named("Namespace", "tenant-hr"), { metadata: { labels: { team: "strangers" } } }, "merge");
    const env = [{ name: "gateway", env: [{ name: "SPY", value: "1" }] }];
    const deployment = named("Deployment", "tenant-hr/ollama");
    await patch(deployment, { spec: { template: { spec: { containers: env } } } }, "strategic");
    const secret = named("Secret", "tenant-hr/client-portal");
    const keyBefore = (await api.read(secret))?.["data"];
    assert.equal((await kubectl("delete", "secret", "client-portal", "-n", "tenant-hr")).code, 0);

    const found = await findDrift(api, declared);
    const { code, text } = await drift();
    assert.equal(code, 1, text);
    assert.deepEqual(
      found
        .map(({ object, fields }) => `${nameOf(object)}: ${fields.map(({ path }) => formatPath(path)).join()}`)
        .sort(),
      [
        "Deployment tenant-hr/ollama: spec.template.spec.containers[name=gateway].env[name=SPY]",
        "Namespace tenant-hr: metadata.labels.team",
        "NetworkPolicy tenant-hr/default-deny: spec.egress",
        "Role tenant-hr/operator: rules",
        "RoleBinding tenant-hr/operator: subjects[name=strangers]",
        "Secret tenant-hr/client-portal: ",
      ],
      text,
    );
    assert.match(text, / {2}rules: added \[\{[^\n]*"secrets"[^\n]*\}\], by kubectl-patch\n/);
    assert.match(text, /Secret tenant-hr\/client-portal\n {2}is gone/);
    await assertMended();
    assert.deepEqual((await api.read(secret))?.["data"], keyBefore);
  });

  it("is mended in a field that cannot be changed in place, where nothing is lost by recreating the object", async () => {
    const binding = named("RoleBinding", "tenant-hr/viewer");
    await api.remove((await api.read(binding)) ?? binding);
    const stranger = { ...binding, roleRef: { ...Object(binding["roleRef"]), name: "operator" } };
    await api.apply(stranger, { fieldManager: "someone", dryRun: false });
    const found = await findDrift(api, declared);
    assert.deepEqual(
      found.map(({ object, fields }) => `${nameOf(object)}: ${fields.map(({ path }) => formatPath(path)).join()}`),
      ["RoleBinding tenant-hr/viewer: roleRef.name"],
    );
    await assertMended();
  });

  it("leaves nothing for the next update or a refresh to stumble over, with the policy pack", async () => {
    const quiet = (result: UpdateResult) => {
      assert.equal(result.code, 0, result.output);
      assert.deepEqual(result.changes, [], result.output);
    };
    quiet(await withPack("up", "--yes", "--skip-preview", "--expect-no-changes"));
    quiet(await withPack("preview", "--refresh"));
  });
});
