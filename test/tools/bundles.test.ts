import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as client from "@kubernetes/client-node";
import { bundleFile, BUNDLES } from "../../tools/language-host/bundle";
import { bundledPrograms } from "../../tools/local/bundles";
import { repositoryRoot } from "../../tools/local/paths";

const load = createRequire(__filename);

describe("bundles of this project's programs", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(path.join(tmpdir(), "bundles-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("can be made, with a client of Kubernetes that has everything that the package has", async () => {
    const inMoments = Date.now() + 5000;
    assert.deepEqual(await bundledPrograms(repositoryRoot, folder, inMoments), { [BUNDLES]: folder });
    for (const program of [repositoryRoot, path.join(repositoryRoot, "policy-pack")])
      assert.ok(existsSync(bundleFile(folder, program)), program);
    const { clientBundle } = load("../../tools/kubernetes-client/bundle.cjs") as {
      clientBundle: (root: string) => string;
    };
    const bundled = (await import(clientBundle(repositoryRoot))) as typeof client;
    const names = (module: object) =>
      Object.keys(module)
        .filter((name) => !/^(default|module\.exports|__esModule)$/.test(name))
        .sort();
    assert.deepEqual(names(bundled), names(client));
    const options = async ({ KubeConfig }: Pick<typeof client, "KubeConfig">) => {
      const config = new KubeConfig();
      config.loadFromClusterAndUser(
        { name: "c", server: "https://127.0.0.1:6443", skipTLSVerify: false },
        { name: "u", token: "t" },
      );
      const { headers, servername } = await config.applyToFetchOptions({}).then(({ headers: sent }) => ({
        headers: [...(sent as unknown as Iterable<unknown>)],
        servername: config.getCurrentCluster()?.server,
      }));
      return { headers, servername };
    };
    assert.deepEqual(await options(bundled), await options(client));
  });
});
