import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { OLLAMA_CLUSTER } from "../../../components/gateway/envoy";
import { REQUESTS_IN_FLIGHT_METRIC } from "../../../components/plan/autoscaler";
import type { Deployment } from "../../../components/plan/kubernetes";
import { tenantNamespace } from "../../../components/spec/names";
import { repositoryRoot } from "../../../tools/local/paths";
import { find, planOf } from "../plan/fixture";

function read<T>(name: string): T {
  return parse(readFileSync(path.join(repositoryRoot, "monitoring", name), "utf8")) as T;
}

interface PodMonitor {
  spec: {
    selector: { matchLabels: Record<string, string> };
    podMetricsEndpoints: { port: string; honorLabels: boolean }[];
  };
}

interface AdapterRule {
  seriesQuery: string;
  name: { as: string };
  metricsQuery: string;
}

describe("the files of monitoring/", () => {
  const { metadata, spec: pod } = find<Deployment>(planOf("finance"), "Deployment", "ollama").spec.template;

  it("scrape the metrics of every server's gateway, whose pods cannot pass for others", () => {
    const { selector, podMetricsEndpoints } = read<PodMonitor>("pod-monitor.yaml").spec;
    for (const [label, value] of Object.entries(selector.matchLabels)) assert.equal(metadata?.labels?.[label], value);
    const ports = (pod?.containers ?? []).flatMap((container) => container.ports ?? []);
    assert.deepEqual(
      podMetricsEndpoints.map(({ port, honorLabels }) => [ports.some(({ name }) => name === port), honorLabels]),
      [[true, false]],
    );
  });

  it("serve the metric that the autoscaler asks for, of the gateway's own cluster and of tenants' namespaces", () => {
    const { rules } = read<{ rules: { custom: AdapterRule[] } }>("prometheus-adapter.values.yaml");
    const [rule] = rules.custom;
    assert.equal(rule?.name.as, REQUESTS_IN_FLIGHT_METRIC);
    for (const query of [rule?.seriesQuery, rule?.metricsQuery])
      assert.ok(query?.includes(`envoy_cluster_name="${OLLAMA_CLUSTER}"`));
    assert.ok(rule?.seriesQuery.includes(`namespace=~"${tenantNamespace("")}.+"`));
  });
});
