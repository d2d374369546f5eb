import { assertFault, financePlace, hrPlace, stackPlace, type Files } from "./fixture";

const finance = (files: Files) => files.tenants["finance"].spec;

describe("keys and types", () => {
  it("refuses an unknown key of a tenant and proposes the known one", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].spec.displayname = "HR"),
      hrPlace("displayname"),
      /not a known key/,
      /`displayName`/,
    );
  });

  it("refuses a misspelt limit without complaining of the limit that is absent for it", () => {
    assertFault(
      (files) => {
        finance(files).autoscaling = { minReplicas: 3, maxReplica: 4, targetRequestsInFlight: 2 };
      },
      financePlace("autoscaling.maxReplica"),
      /not a known key/,
      /`maxReplicas`/,
    );
  });

  it("refuses a key that resembles none and says to remove it", () => {
    assertFault((files) => (finance(files).billing = {}), financePlace("billing"), /not a known key/, /remove it/);
  });

  it("refuses the key __proto__", () => {
    assertFault(
      (files) => Object.defineProperty(finance(files), "__proto__", { value: 1, enumerable: true }),
      financePlace("__proto__"),
      /not a known key/,
    );
  });

  it("refuses an unknown key of the stack config", () => {
    assertFault(
      ({ config }) => (config.nodePool = []),
      stackPlace("nodePool"),
      /not a known key/,
      /`ollama-platform:nodePools`/,
    );
  });

  it("refuses a missing key and shows an example", () => {
    assertFault(
      (files) => delete finance(files).models.allow,
      financePlace("models.allow"),
      /is missing/,
      /add `allow`, for example/,
    );
  });

  it("says which stack config is missing when there is none", () => {
    assertFault(
      (files) => (files.config = { nodePools: files.config.nodePools }),
      stackPlace("models"),
      /is missing/,
      /add `ollama-platform:models`/,
    );
  });

  it("refuses a text for a number", () => {
    assertFault(
      (files) => (finance(files).server.gpus = "1"),
      financePlace("server.gpus"),
      /is a text/,
      /without quotes/,
    );
  });

  it("refuses a number for a text", () => {
    assertFault(
      (files) => (finance(files).network.ingressFrom[0].podLabels = { version: 2 }),
      financePlace("network.ingressFrom[0].podLabels.version"),
      /is a number/,
      /in quotes/,
    );
  });

  it("refuses a text for a list", () => {
    assertFault(
      (files) => (finance(files).access.viewers = "finance"),
      financePlace("access.viewers"),
      /is a text/,
      /list/,
    );
  });

  it("refuses an empty mapping value and says that it may be left out", () => {
    assertFault(({ tenants }) => (tenants["hr"].spec.server = null), hrPlace("server"), /is empty/, /remove the key/);
  });

  it("refuses a fraction where a whole number is needed", () => {
    assertFault((files) => (finance(files).server.gpus = 0.5), financePlace("server.gpus"), /is a number/);
  });

  it("refuses a number below its minimum", () => {
    assertFault(
      (files) => (finance(files).autoscaling.minReplicas = 0),
      financePlace("autoscaling.minReplicas"),
      /too small/,
      /1 or more/,
    );
  });

  it("refuses a number above its maximum", () => {
    assertFault(
      (files) => (finance(files).network.egressTo[0].ports[0].port = 70000),
      financePlace("network.egressTo[0].ports[0].port"),
      /too large/,
      /65535/,
    );
  });

  it("refuses an unknown choice and proposes the closest", () => {
    assertFault(
      (files) => (finance(files).isolationLevel = "dedicated-node"),
      financePlace("isolationLevel"),
      /not one of/,
      /`dedicated-nodes`/,
    );
  });

  it("refuses an unknown backend and lists the known ones", () => {
    assertFault(
      ({ config }) => (config.nodePools[2].backend = "karpenter-gcp"),
      stackPlace("nodePools[2].backend"),
      /not one of/,
    );
  });

  it("refuses an empty list where one entry is needed", () => {
    assertFault(
      (files) => (finance(files).network.egressTo[0].ports = []),
      financePlace("network.egressTo[0].ports"),
      /is empty/,
    );
  });

  it("refuses pod labels that select every pod", () => {
    assertFault(
      (files) => (finance(files).network.ingressFrom[0].podLabels = {}),
      financePlace("network.ingressFrom[0].podLabels"),
      /is empty/,
    );
  });

  it("refuses a label key that Kubernetes refuses", () => {
    assertFault(
      (files) => (finance(files).network.ingressFrom[0].podLabels = { "app name": "x" }),
      financePlace('network.ingressFrom[0].podLabels["app name"]'),
      /not a legal key/,
    );
  });

  it("refuses an entry that is there twice", () => {
    assertFault(
      (files) => (finance(files).access.viewers = ["a", "b", "a"]),
      financePlace("access.viewers[2]"),
      /twice/,
    );
  });

  it("refuses another kind and another version", () => {
    assertFault(
      ({ tenants }) => (tenants["hr"].kind = "Tenants"),
      "tenants/test/hr.yaml: kind",
      /not one of/,
      /`Tenant`/,
    );
    assertFault(({ tenants }) => (tenants["hr"].apiVersion = "v2"), "tenants/test/hr.yaml: apiVersion", /not one of/);
  });

  it("refuses a malformed duration", () => {
    assertFault(
      (files) => (finance(files).server.keepAlive = "half an hour"),
      financePlace("server.keepAlive"),
      /form/,
    );
  });

  it("refuses a display name with a line break", () => {
    assertFault((files) => (finance(files).displayName = "a\nb"), financePlace("displayName"), /form/);
  });

  it("refuses a list in place of the whole tenant", () => {
    assertFault(({ tenants }) => (tenants["hr"] = []), "tenants/test/hr.yaml", /is a list/);
  });
});
