import { randomBytes } from "node:crypto";
import { randomText, ruleFaults, type TextRules } from "./characters";
import { type Properties, secret } from "./values";

/** One kind of random resource. */
export interface RandomResource {
  /** All inputs; a change of any replaces the resource. */
  readonly inputs: readonly string[];
  /** Inputs with what was left out filled in. */
  defaults(inputs: Properties): Properties;
  /** Everything that is wrong with complete, known inputs. */
  faults(inputs: Properties): { property: string; reason: string }[];
  /** Makes the value: the resource's id and its outputs beside the inputs. */
  create(inputs: Properties): { id: string; outputs: Properties };
}

const TEXT_DEFAULTS = {
  lower: true,
  upper: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
  overrideSpecial: "",
};

function textResource(create: (text: string) => { id: string; outputs: Properties }): RandomResource {
  return {
    inputs: ["length", "keepers", "number", "numeric", ...Object.keys(TEXT_DEFAULTS)],
    defaults: (inputs) => {
      // `number` is the old name of `numeric`; they are kept equal, as in the official provider.
      const numeric = inputs.numeric ?? inputs.number ?? true;
      return { ...TEXT_DEFAULTS, ...inputs, numeric, number: numeric };
    },
    faults: (inputs) => ruleFaults(inputs as unknown as TextRules),
    create: (inputs) => create(randomText(inputs as unknown as TextRules)),
  };
}

function byteCountFaults(property: string): RandomResource["faults"] {
  return (inputs) => {
    const count = inputs[property];
    if (Number.isInteger(count) && (count as number) >= 1) return [];
    return [{ property, reason: `${JSON.stringify(count)} is not a whole number of 1 or more` }];
  };
}

const randomBytesResource: RandomResource = {
  inputs: ["length", "keepers"],
  defaults: (inputs) => inputs,
  faults: byteCountFaults("length"),
  create: (inputs) => {
    const bytes = randomBytes(inputs.length as number);
    return { id: "none", outputs: { base64: secret(bytes.toString("base64")), hex: secret(bytes.toString("hex")) } };
  },
};

const randomIdResource: RandomResource = {
  inputs: ["byteLength", "prefix", "keepers"],
  defaults: (inputs) => inputs,
  faults: byteCountFaults("byteLength"),
  create: (inputs) => {
    const bytes = randomBytes(inputs.byteLength as number);
    const prefix = typeof inputs.prefix === "string" ? inputs.prefix : "";
    const hex = bytes.toString("hex");
    const id = bytes.toString("base64url");
    const outputs = {
      b64Url: prefix + id,
      b64Std: prefix + bytes.toString("base64"),
      hex: prefix + hex,
      dec: prefix + BigInt(`0x${hex}`).toString(),
    };
    return { id, outputs };
  },
};

/** The resource types served, by type token. `bcryptHash` of passwords is the one output that is not given. */
export const resources: Readonly<Record<string, RandomResource>> = {
  "random:index/randomPassword:RandomPassword": textResource((text) => ({
    id: "none",
    outputs: { result: secret(text) },
  })),
  "random:index/randomString:RandomString": textResource((text) => ({ id: text, outputs: { result: text } })),
  "random:index/randomBytes:RandomBytes": randomBytesResource,
  "random:index/randomId:RandomId": randomIdResource,
};
