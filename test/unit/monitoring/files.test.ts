import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { OLLAMA_CLUSTER } from "../../../components/gateway/envoy";
import { REQUESTS_IN_FLIGHT_METRIC } from "../../../components/plan/server/autoscaler";
import type { Deployment } from "../../../components/plan/kubernetes";
import { MONITOR_NAMESPACE, tenantNamespace } from "../../../components/spec/names";
import { MONITOR_SELECTOR } from "../../../components/plan/monitor/names";
import { dashboards } from "../../../tools/dashboards/dashboards";
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

interface ServiceMonitor {
  spec: {
    namespaceSelector: { matchNames: string[] };
    selector: { matchLabels: Record<string, string> };
    endpoints: { port: string; honorLabels: boolean }[];
  };
}

interface RuleFile {
  groups: {
    rules: { alert: string; labels: { severity: string }; annotations: { summary: string; description: string } }[];
  }[];
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

  it("scrape the monitor's Service, whose metrics speak of every tenant", () => {
    const { namespaceSelector, selector, endpoints } = read<ServiceMonitor>("service-monitor.yaml").spec;
    assert.deepEqual(namespaceSelector.matchNames, [MONITOR_NAMESPACE]);
    assert.deepEqual(selector.matchLabels, MONITOR_SELECTOR);
    assert.deepEqual([endpoints[0]?.port, endpoints[0]?.honorLabels], ["metrics", true]);
  });

  for (const file of ["alerts.rules.yaml", "isolation.rules.yaml"])
    it(`say for each alert of ${file} how bad it is, what it means and what to do, and docs/monitoring.md has it`, () => {
      const page = readFileSync(path.join(repositoryRoot, "docs", "monitoring.md"), "utf8");
      for (const { alert, labels, annotations } of read<RuleFile>(file).groups.flatMap(({ rules }) => rules)) {
        assert.ok(["info", "warning", "critical"].includes(labels.severity), alert);
        assert.match(annotations.summary, /\.$/, alert);
        assert.match(annotations.description, /\.$/, alert);
        assert.ok(page.includes(`\`${alert}\``), alert);
      }
    });

  it("ask, in a tenant's dashboard, for that tenant's series alone", () => {
    const queries = dashboards["tenant"]?.panels.flatMap(({ queries: own }) => own) ?? [];
    assert.ok(queries.length > 0);
    for (const { expr } of queries) {
      const selectors = [...expr.matchAll(/\b(?:ollama|envoy)_[a-z_0-9]+(\{[^}]*\})?/g)];
      assert.ok(selectors.length > 0, expr);
      for (const [whole, labels = ""] of selectors)
        assert.ok(/[{,](tenant|namespace)="(tenant-)?\$tenant"/.test(labels), whole);
    }
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
