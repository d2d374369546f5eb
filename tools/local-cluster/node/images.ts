import { provideImages } from "../../images/provide";
import type { Step } from "../component";
import { readIfPresent, writePrivateFile } from "../files";
import { ctr } from "./containerd";
import { nodeFolders } from "./places";

/** Imports the images into the node's containerd; those that are there already stay. */
export const realNodeImages: Step = {
  name: "real node images",
  startsAfter: ["containerd"],
  run: async ({ layout, tools }) => {
    const images = await provideImages(tools, process.stderr);
    // Beside containerd's data, so that both are lost together.
    const record = nodeFolders(layout).importedImages;
    const imported = JSON.parse(readIfPresent(record) ?? "{}") as Record<string, string>;
    for (const { name, key, archive } of images) {
      if (imported[name] === key) continue;
      await ctr("images", "import", archive);
      imported[name] = key;
      writePrivateFile(record, JSON.stringify(imported));
    }
  },
};
