import type { Component } from "../component";
import { ensureDirectory } from "../files";
import { probe } from "../probe";
import { nodeFolders } from "./places";
import { registryAddress } from "./registry-address";

/** Holds models as a company's registry would: anybody who reaches it may read. It speaks plain HTTP, at the node's address alone. */
export const registry: Component = {
  name: "registry",
  startsAfter: [],
  ports: [],
  executable: ({ tools }) => tools.path("crane"),
  args: ({ layout }) => ["registry", "serve", `--address=${registryAddress}`, `--disk=${nodeFolders(layout).registry}`],
  prepare: ({ layout }) => {
    ensureDirectory(nodeFolders(layout).registry);
    return [];
  },
  ready: ({ layout }) => probe(layout, `http://${registryAddress}/v2/`),
};
