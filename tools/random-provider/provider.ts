import { isDeepStrictEqual } from "node:util";
import type * as provider from "@pulumi/pulumi/provider";
import { type RandomResource, resources } from "./resources";
import { isUnknown, type Properties, unwrap } from "./values";

/** Version of the official provider whose resource types these are. */
const VERSION = "4.21.2";

/**
 * The provider for random values: it stands in for the official `pulumi-resource-random` on machines that cannot download
 * it, for the resource types that `resources.ts` lists, and refuses all others.
 *
 * A value is made once, at creation, and kept in the state until an input (among them `keepers`) changes, which replaces it.
 */
export const randomProvider: provider.Provider = {
  version: VERSION,
  check: async (urn, _olds: Properties, news: Properties) => {
    const resource = resourceOf(urn);
    const inputs = resource.defaults(news);
    const known = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, unwrap(value)]));
    // What is not known yet is checked when it is: the engine calls again during the update.
    return { inputs, failures: isUnknown({ ...known, keepers: undefined }) ? [] : resource.faults(known) };
  },
  diff: async (_id, urn, olds: Properties, news: Properties) => {
    const changed = resourceOf(urn).inputs.filter(
      (name) => isUnknown(unwrap(news[name])) || !isDeepStrictEqual(unwrap(olds[name]), unwrap(news[name])),
    );
    return { changes: changed.length > 0, replaces: changed };
  },
  create: async (urn, inputs: Properties) => {
    const { id, outputs } = resourceOf(urn).create(unwrap(inputs) as Properties);
    return { id, outs: { ...inputs, ...outputs } };
  },
  read: async (id, urn, props?: Properties) => {
    resourceOf(urn);
    if (!props || Object.keys(props).length === 0) {
      throw new Error("importing random values needs the official random provider: put pulumi-resource-random on PATH");
    }
    // The value lives in the state alone, so there is nothing it could differ from.
    return { id, props };
  },
  delete: async () => undefined,
};

function resourceOf(urn: string): RandomResource {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const resource = resources[type];
  if (resource) return resource;
  throw new Error(
    `the stand-in random provider does not know ${type}; known are ${Object.keys(resources).join(", ")}. ` +
      "Fix: put the official pulumi-resource-random on PATH.",
  );
}
