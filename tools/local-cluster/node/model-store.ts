import { chmodSync, chownSync, lstatSync, rmSync, symlinkSync } from "node:fs";
import type { Step } from "../component";
import { ensureDirectory } from "../files";
import { nodeFolders, runtimePlaces } from "./places";

/** User and group of the loader and of the servers. */
const STORE_OWNER = 10001;
/** New files get the folder's group, so the kubelet finds nothing to change. */
const STORE_MODE = 0o2770;

/** Makes the folder of the model store. It stays with the cluster's data; the link to it goes when the node does. */
export const modelStoreFolder: Step = {
  name: "model store folder",
  startsAfter: [],
  run: ({ layout }) => {
    const { models } = nodeFolders(layout);
    ensureDirectory(models);
    chownSync(models, STORE_OWNER, STORE_OWNER);
    chmodSync(models, STORE_MODE);
    const link = runtimePlaces.models;
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) rmSync(link);
    symlinkSync(models, link);
    return Promise.resolve();
  },
};
