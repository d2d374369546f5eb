import { strict as assert } from "node:assert";
import { resolveMonitor } from "../../../components/spec/monitor";
import { assertFault, faultsAfter, stackPlace } from "../config/fixture";

const declared = { apiServerCidrs: ["192.168.0.10/32"] };

describe("the monitor in a declaration", () => {
  it("needs nothing but where the API server is", () => {
    assert.deepEqual(
      faultsAfter(({ config }) => (config.cluster.monitor = declared)),
      [],
    );
    const { apiServers, ...rest } = resolveMonitor(declared);
    assert.deepEqual(
      apiServers.map(({ text }) => text),
      declared.apiServerCidrs,
    );
    assert.deepEqual(rest, { apiServerPort: 6443, intervalSeconds: 60, apiGroups: [], policySettings: {} });
  });

  for (const range of ["0.0.0.0/0", "::/0", "169.254.169.254/32", "127.0.0.1/32"])
    it(`may not reach ${range} for an API server`, () => {
      assertFault(
        ({ config }) => (config.cluster.monitor = { apiServerCidrs: [range] }),
        stackPlace("cluster.monitor.apiServerCidrs[0]"),
        /hand out credentials or are the node itself/,
      );
    });

  it("takes the pack's settings as its configuration file has them, without what is the engine's", () => {
    const settings = { images: { registries: ["registry.example.com"] } };
    const policySettings = JSON.stringify({ "tenant-isolation": { enforcementLevel: "mandatory", ...settings } });
    assert.deepEqual(resolveMonitor({ ...declared, policySettings }).policySettings, settings);
  });

  for (const policySettings of ["no JSON", "{}", '{"tenant-isolation": []}', "null"])
    it(`refuses ${policySettings} for the pack's settings`, () => {
      assertFault(
        ({ config }) => (config.cluster.monitor = { ...declared, policySettings }),
        stackPlace("cluster.monitor.policySettings"),
        /not the text of a configuration file/,
      );
    });
});
