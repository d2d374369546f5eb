import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { loadSettings, PackConfigurationError } from "../../../policy-pack/settings/load";
import { createPolicies } from "../../../policy-pack/policies";
import { rules } from "../../../policy-pack/rules";
import { defaultConfiguration } from "../../../policy-pack/settings/settings";
import { type Loose, ruleIds } from "./fixture";

// eslint-disable-next-line @typescript-eslint/no-require-imports
const { makeAnalyzerInfo }: Loose = require("@pulumi/policy/protoutil");

const pack = join(__dirname, "..", "..", "..", "policy-pack");
const read = (file: string): Loose => JSON.parse(readFileSync(join(pack, file), "utf8"));

function faultsOf(raw: object): string[] {
  try {
    loadSettings(raw as Record<string, unknown>, ruleIds);
  } catch (error) {
    assert.ok(error instanceof PackConfigurationError);
    return [...error.faults];
  }
  return [];
}

describe("the configuration files of the environments", () => {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(read("config.schema.json"));

  for (const file of readdirSync(join(pack, "config"))) {
    it(`${file} follows the schema and names a policy of the pack`, () => {
      const content = read(`config/${file}`);
      const follows: boolean = validate(content);
      assert.ok(follows, JSON.stringify(validate.errors));
      const { enforcementLevel, ...raw } = content["tenant-isolation"];
      assert.equal(enforcementLevel, "mandatory");
      loadSettings(raw, ruleIds);
    });
  }

  it("switch no rule off", () => {
    for (const file of readdirSync(join(pack, "config"))) {
      const { rules = {} } = read(`config/${file}`)["tenant-isolation"];
      const levels: Loose[] = Object.values(rules);
      assert.ok(
        levels.every(({ level }) => level === "advisory"),
        file,
      );
    }
  });

  it("are refused by the schema when a policy's name is misspelt", () => {
    assert.equal(validate({ "tenant-isolatoin": {} }), false);
  });
});

describe("the settings that the pack announces", () => {
  const [policy, notices] = createPolicies(rules, () => "2026-01-01");
  const announced: Loose = policy.configSchema;

  it("are those of its schema, each with its description", () => {
    const ofSchema: Loose = read("config.schema.json").properties["tenant-isolation"];
    const compare = (mine: Loose, schema: Loose, place: string) => {
      for (const [name, part] of Object.entries<Loose>(schema.properties ?? {})) {
        if (name === "enforcementLevel") continue;
        assert.equal(mine.properties?.[name]?.description, part.description, `${place}${name}`);
        compare(mine.properties[name], part, `${place}${name}.`);
      }
      if (schema.items?.properties !== undefined) compare(mine.items, schema.items, place);
    };
    compare(announced, ofSchema, "");
    assert.equal(notices.configSchema, undefined);
  });

  it("are nothing that the engine could find broken, so that the pack lists all faults at once", () => {
    const keywords = new Set<string>();
    const collect = (schema: Loose) => {
      for (const key of Object.keys(schema)) keywords.add(key);
      for (const part of Object.values<Loose>(schema.properties ?? {})) collect(part);
      if (schema.items !== undefined) collect(schema.items);
    };
    collect(announced);
    assert.deepEqual([...keywords].sort(), ["description", "items", "properties"]);
  });

  it("reach the engine as they are", () => {
    const info = makeAnalyzerInfo("ollama-isolation", "0.1.0", "mandatory", { policies: [policy, notices] });
    const [sent] = info.getPoliciesList();
    assert.deepEqual(sent.getConfigschema().getProperties().toJavaScript(), announced.properties);
  });
});

describe("settings of the pack", () => {
  it("are the defaults when none are given", () => {
    assert.deepEqual(loadSettings({}, ruleIds), {
      configuration: defaultConfiguration,
      levels: {},
      exemptions: [],
      selection: {},
    });
  });

  it("replace the properties that are given and keep the section's others", () => {
    const { configuration } = loadSettings({ cluster: { podCidrs: ["10.0.0.0/8"] } }, ruleIds);
    assert.deepEqual(configuration.cluster.podCidrs, ["10.0.0.0/8"]);
    assert.deepEqual(configuration.cluster.dns, defaultConfiguration.cluster.dns);
  });

  it("name every fault at once, with place, value and what is allowed", () => {
    const faults = faultsOf({
      tenants: { label: "x" },
      images: { requireDigest: "yes" },
      rules: { "pods/privilegd": { level: "off" } },
      exemptions: [{ rule: "network/default-deni", object: "x", reason: "short", expires: "tomorrow" }],
    }).join("\n");
    assert.match(faults, /tenants: unknown key "label"/);
    assert.match(faults, /images\.requireDigest: "yes" must be boolean/);
    assert.match(faults, /did you mean pods\/privileged/);
    assert.match(faults, /rules\.pods\/privilegd\.level: "off" is not allowed; allowed: advisory, disabled/);
    assert.match(faults, /rules\.pods\/privilegd: key "reason" is missing/);
    assert.match(
      faults,
      /exemptions\.0\.rule: "network\/default-deni" is not allowed; did you mean network\/default-deny/,
    );
    assert.match(faults, /exemptions\.0\.reason: "short"/);
    assert.match(faults, /exemptions\.0\.expires: "tomorrow"/);
  });

  it("refuse ranges that are none, an expression that is none and no mark of tenants", () => {
    assert.match(
      faultsOf({ cluster: { podCidrs: ["10.0.0.0"] } }).join(),
      /cluster\.podCidrs\[0\]: "10\.0\.0\.0" is no range/,
    );
    assert.match(faultsOf({ tenants: { namespacePattern: "(" } }).join(), /is no regular expression/);
    assert.match(
      faultsOf({ tenants: { namespacePattern: "", namespaceLabel: "" } }).join(),
      /no namespace would be a tenant's/,
    );
  });

  it("refuse to select areas and frameworks that there are not, and nothing at all", () => {
    const faults = faultsOf({ selection: { areas: ["net"], frameworks: [] } }).join("\n");
    assert.match(faults, /selection\.areas\.0: "net" is not allowed; did you mean network/);
    assert.match(faults, /selection\.frameworks: .*must NOT have fewer than 1 items/);
  });

  it("refuse an exemption without reason or end", () => {
    const exemption = { rule: "pods/privileged", object: "Deployment tenant-hr/ollama" };
    const faults = faultsOf({ exemptions: [exemption] }).join("\n");
    assert.match(faults, /"reason" is missing/);
    assert.match(faults, /"expires" is missing/);
  });
});
