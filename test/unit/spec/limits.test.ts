import { strict as assert } from "node:assert";
import { gatewayInput } from "../../../components/plan/server/gateway";
import { planPlatform } from "../../../components/plan/platform";
import { assertFault, faultsAfter } from "../config/fixture";
import { platform } from "../plan/fixture";

const MIB = 2 ** 20;
const place = (path: string) => `tenants/test/hr.yaml: spec.${path}`;

describe("limits of requests", () => {
  it("reach the gateway, those of the tenant and those of a client", () => {
    const environment = platform();
    const [tenant] = environment.tenants;
    assert.ok(tenant);
    tenant.server = { ...tenant.server, limits: { maxTokens: 32_000, maxAnswerSeconds: 600 } };
    tenant.access = {
      clients: [{ name: "app", maxInputs: 16, maxBodyBytes: MIB, origins: ["https://b.example.com", "app://a"] }],
    };
    const [plan] = planPlatform(environment).tenants.filter(({ tenant: { name } }) => name === tenant.name);
    assert.ok(plan);
    const { limits, clients } = gatewayInput(plan.tenant, [{ client: "app", keySha256: ["0".repeat(64)] }]);
    assert.equal(limits?.maxTokens, 32_000);
    assert.equal(limits?.maxAnswerSeconds, 600);
    const [client] = clients;
    assert.deepEqual([client?.maxInputs, client?.maxBodyBytes], [16, MIB]);
    assert.deepEqual(client?.origins, ["app://a", "https://b.example.com"]);
  });

  it("leave every default to the gateway where nothing is said", () => {
    const [plan] = planPlatform(platform()).tenants;
    assert.ok(plan);
    assert.equal(gatewayInput(plan.tenant, []).limits?.maxTokens, undefined);
  });

  it("are refused where the gateway's memory has no room for the longest body, of the tenant and of a client", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.server = { limits: { maxBodyBytes: 60 * MIB } }),
      place("server.limits.maxBodyBytes"),
      /^is more than the gateway's memory has room for$/,
      /^write [0-9]+ or less$/,
    );
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.access = { clients: [{ name: "app", maxBodyBytes: 60 * MIB }] }),
      place("access.clients[0].maxBodyBytes"),
      /^is more than the gateway's memory has room for$/,
      /^write [0-9]+ or less$/,
    );
  });

  it("are accepted up to that room", () => {
    assert.deepEqual(
      faultsAfter(({ tenants }) => (tenants["hr"].spec.server = { limits: { maxBodyBytes: 8 * MIB } })),
      [],
    );
  });

  it("take no origin that has a path", () => {
    assertFault(
      ({ tenants }) =>
        (tenants["hr"].spec.access = { clients: [{ name: "app", origins: ["https://chat.example.com/"] }] }),
      place("access.clients[0].origins[0]"),
      /form/,
      /./,
    );
  });
});
