import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { clusterLayout, type ClusterLayout } from "../../../tools/local-cluster/layout";

/** A layout in a folder of its own for each test of the calling suite; removed after the test. */
export function scratchLayout(): { current(): ClusterLayout } {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "ollama-platform-cluster-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));
  return { current: () => clusterLayout(directory) };
}
