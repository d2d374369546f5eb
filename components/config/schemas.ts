import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import type { ArgumentsKind } from "../spec/arguments";
import { isOfStacksOnly } from "./documents";
import stackSchema from "./stack.schema.json";
import tenantSchema from "./tenant.schema.json";

/** The part of a JSON Schema that messages are made from. */
export interface Schema {
  type?: string | string[];
  description?: string;
  enum?: string[];
  const?: string;
  pattern?: string;
  patternErrorMessage?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  examples?: unknown[];
  default?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
}

/** Kinds of configuration files. */
export type FileKind = "stack" | "tenant";

// Compiled at each start of a program, and used for some hundred small files at most: quick to compile counts, not quick code.
const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  allowUnionTypes: true,
  inlineRefs: false,
  code: { optimize: false },
});
// Words for people and editors; they constrain nothing.
ajv.addVocabulary(["patternErrorMessage", "enumDescriptions"]);
// The schemas refer to each other by file name, so that an editor finds them too.
ajv.addSchema(tenantSchema, "tenant.schema.json");
ajv.addSchema(stackSchema, "stack.schema.json");

/** The keys that all arguments with an environment have; the same shapes as in a stack file. */
const environmentArguments = {
  environment: { description: "Name of the environment.", type: "string", examples: ["dev"] },
  ...Object.fromEntries(
    Object.entries(stackSchema.$defs.Config.properties)
      .filter(([key]) => !isOfStacksOnly(key))
      .map(([key, { description, examples }]: [string, { description: string; examples?: unknown[] }]) => [
        key.replace("ollama-platform:", ""),
        {
          description,
          ...(examples && { examples }),
          $ref: `stack.schema.json#/$defs/Config/properties/${key.replace(":", "%3A")}`,
        },
      ]),
  ),
};

/** A tenant as an argument: its name is in it, not beside it. */
const { properties, ...tenantSpec } = tenantSchema.$defs.TenantSpec;
const tenantArgument = {
  ...tenantSpec,
  required: ["name", ...tenantSpec.required],
  properties: {
    name: tenantSchema.$defs.Metadata.properties.name,
    ...properties,
  },
};
ajv.addSchema({ $defs: { ...tenantSchema.$defs, TenantArgument: tenantArgument } }, "arguments");

function withEnvironment(key: string, description: string, schema: object): object {
  return {
    type: "object",
    additionalProperties: false,
    required: ["environment", "models", key],
    properties: { ...environmentArguments, [key]: { description, ...schema } },
  };
}

const argumentSchemas: Record<ArgumentsKind, object> = {
  tenantArguments: withEnvironment("tenant", "The tenant.", { $ref: "arguments#/$defs/TenantArgument" }),
  platformArguments: withEnvironment("tenants", "Tenants, one per department or team.", {
    type: "array",
    items: { $ref: "arguments#/$defs/TenantArgument" },
  }),
  nodePoolArguments: { $ref: "stack.schema.json#/$defs/NodePoolSpec" },
};
for (const [kind, schema] of Object.entries(argumentSchemas)) ajv.addSchema(schema, `${kind}.schema.json`);

/** The compiled schema of a kind of file or of arguments. */
export function validatorOf(kind: FileKind | ArgumentsKind): ValidateFunction {
  const validate = ajv.getSchema(`${kind}.schema.json`);
  if (validate === undefined) throw new Error(`no schema for ${kind}`);
  return validate;
}
