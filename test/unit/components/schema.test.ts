import * as assert from "node:assert/strict";
import * as components from "../../../components/index";
import { generatedFiles, packageComponents, staleness, type GeneratedFile } from "../../../tools/generate/generated";

const generated = generatedFiles.find(({ file }) => file === "components/schema.json") as GeneratedFile;

interface Property {
  description?: string;
}
interface Schema {
  name: string;
  resources: Record<string, { inputProperties: Record<string, Property>; properties: Record<string, Property> }>;
  types: Record<string, { properties?: Record<string, Property> }>;
}

describe("Schema of the component package", function () {
  // The analyser type-checks the whole package.
  this.timeout(300_000);

  let text: string;
  let schema: Schema;
  before(async () => {
    text = await generated.text();
    schema = JSON.parse(text) as Schema;
  });

  it("is the reviewed one", () => assert.equal(staleness(generated, text), undefined));

  it("has a resource for each component, under the token that the component registers itself with", () => {
    assert.deepEqual(Object.keys(schema.resources).sort(), packageComponents.map(({ token }) => token).sort());
  });

  it("describes every property in prose", () => {
    const places = [
      ...Object.entries(schema.resources).flatMap(([token, { inputProperties, properties }]) => [
        [token, inputProperties] as const,
        [token, properties] as const,
      ]),
      ...Object.entries(schema.types).map(([token, { properties }]) => [token, properties ?? {}] as const),
    ];
    for (const [token, properties] of places) {
      for (const [name, { description }] of Object.entries(properties)) {
        assert.ok(description && !description.includes("[object"), `${token} ${name}: ${description}`);
      }
    }
  });

  it("exposes the outputs of each component and no internal state", () => {
    const outputs = Object.fromEntries(
      Object.entries(schema.resources).map(([token, { properties }]) => [token, Object.keys(properties)]),
    );
    assert.deepEqual(outputs, {
      [components.AdmissionGuard.token]: [],
      [components.GpuNodePool.token]: ["nodePool"],
      [components.IsolationMonitor.token]: [],
      [components.SharedLimits.token]: [],
      [components.ModelStore.token]: [],
      [components.OllamaPlatform.token]: ["platform", "clientKeys"],
      [components.OllamaServer.token]: ["url", "clientKeys"],
      [components.Tenant.token]: ["tenant", "clientKeys"],
    });
  });
});
