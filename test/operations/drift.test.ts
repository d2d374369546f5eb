import { strict as assert } from "node:assert";
import { KubeConfig } from "@kubernetes/client-node";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import { clusterApi, type ClusterApi } from "../../verifier/cluster-api";
import { type ApiObject, ObjectApi } from "../../verifier/drift/api";
import { formatPath, type Step } from "../../verifier/drift/compare";
import { declaredObjects, type DeclaredObject } from "../../verifier/drift/declared";
import { findDrift, nameOf, type ObjectDrift } from "../../verifier/drift/drift";
import { mendDrift } from "../../tools/drift/mend";
import { formatDrift } from "../../verifier/drift/print";
import { DEPLOYER } from "../../tools/local-cluster/pki";
import { pulumiOnStack } from "../../tools/local/stack";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import { editYaml, tenantFile } from "../support/project";
import { update, type UpdateResult } from "../support/update";
import { distinctFields, type Place, valueAt } from "./support/fields";
import { tamper } from "./support/intruder";

/** Fields of an object that are changed at the same time: every so-manieth. */
const rounds = 4;

describe("drift of a deployed stack", () => {
  let environment: TestEnvironment;
  let connection: ClusterApi;
  let api: ObjectApi;
  let declared: DeclaredObject[];

  before("deploy the dev stack with the guard and a host of a tenant's own", async () => {
    environment = await openTestEnvironment("drift");
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

  async function assertMended(drifts: ObjectDrift[]): Promise<void> {
    const left = await mendDrift(api, drifts);
    assert.equal(formatDrift(left), "");
    assert.equal(formatDrift(await findDrift(api, drifts)), "");
  }

  it("is none after an update", async () => {
    assert.ok(declared.length > 80);
    assert.equal(formatDrift(await findDrift(api, declared)), "");
  });

  // The long form, by DRIFT_FIELDS=all: controllers work on the same objects meanwhile, and it takes its time.
  const longForm = process.env["DRIFT_FIELDS"] === "all" ? it : undefined;
  longForm?.(
    "is found and mended in every field of every kind of object that the cluster lets anybody change",
    async () => {
      const fields = distinctFields(declared.map(({ object }) => object));
      const tried = declared.filter(({ object }) => fields.has(object));
      let changed = 0;
      for (let round = 0; round < rounds; round++) {
        const tampered = await Promise.all(
          tried.map(async (one): Promise<[DeclaredObject, Place[]]> => {
            const places = (fields.get(one.object) ?? []).filter((_, index) => index % rounds === round);
            return [one, await tamper(api, one.object, places)];
          }),
        );
        const found = await findDrift(api, declared);
        const missed: string[] = [];
        for (const [{ object }, places] of tampered) {
          const told = found.find((drift) => drift.object === object)?.fields ?? [];
          const isTold = (place: Place) => told.some(({ path }) => leadsTo(path, stepsOf(place, object)));
          const untold = places.filter((place) => !isTold(place));
          // A controller may have put a field back before anybody looked.
          const live = untold.length > 0 ? await api.read(object) : undefined;
          const left = untold.filter((place) => !isDeepStrictEqual(valueAt(live, place), valueAt(object, place)));
          missed.push(...left.map((place) => `${nameOf(object)} ${place.join(".")}`));
        }
        assert.equal(missed.join("\n"), "");
        await assertMended(found);
        changed += tampered.reduce((sum, [, places]) => sum + places.length, 0);
      }
      assert.ok(changed > 150, `${changed} fields could be changed`);
    },
  );

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
});
