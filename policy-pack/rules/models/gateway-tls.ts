import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list, record } from "../../model/json";
import { nsa, owasp } from "../frameworks";
import { gatewayReader, type Part, partsWithin } from "../../readers/gateways";
import type { Finding, Rule } from "../rule";
import { servicesOf } from "../../readers/select";

const LOOPBACK = /^(127\.|::1$|localhost$)/;
/** Protocol versions that are broken. */
const OLD_VERSIONS = ["TLSv1_0", "TLSv1_1"];
/** Fields by which a listener's routes are decided elsewhere, so that they may lead to the server. */
const ROUTED_ELSEWHERE = ["rds", "scoped_routes", "cluster_header", "cluster_specifier_plugin"];

const addressOf = (part: Part): Part => record(record(part.address).socket_address);

/** Names of the clusters (in Envoy's sense) that are the model server. */
function serverClusters(bootstrap: Part, serverPort: number): Set<unknown> {
  const clusters = list(record(bootstrap.static_resources).clusters as Part[]);
  const isServer = (cluster: Part) => partsWithin(cluster).some((part) => addressOf(part).port_value === serverPort);
  return new Set(clusters.filter(isServer).map(({ name }) => name));
}

/** Listeners that other pods reach and that lead to the model server. */
function gatewayListeners(bootstrap: Part, serverPort: number): Part[] {
  const servers = serverClusters(bootstrap, serverPort);
  const leads = (listener: Part) =>
    partsWithin(listener).some((part) => servers.has(part.cluster) || ROUTED_ELSEWHERE.some((field) => field in part));
  return list(record(bootstrap.static_resources).listeners as Part[])
    .filter((listener) => !LOOPBACK.test(String(addressOf(listener).address)))
    .filter(leads);
}

function chains(listener: Part): Part[] {
  const last = listener.default_filter_chain;
  return [...list(listener.filter_chains as Part[]), ...(last === undefined ? [] : [record(last)])];
}

const tlsOf = (chain: Part): Part | undefined => {
  const context = record(record(chain.transport_socket).typed_config);
  return String(context["@type"]).endsWith(".DownstreamTlsContext") ? context : undefined;
};

/** Whether a Service tells clients that the pod speaks TLS. */
function isAnnounced(model: ClusterModel, pod: PodSource): boolean {
  return servicesOf(model, pod).some(({ object }) =>
    list(record(object.spec).ports as Part[]).some(({ appProtocol }) => appProtocol === "https"),
  );
}

/** What is wrong with a gateway that promises TLS, and whether any of its listeners does. */
interface Tls {
  promised: boolean;
  faults: string[];
}

function readTls(bootstrap: Part, serverPort: number): Tls {
  const listeners = gatewayListeners(bootstrap, serverPort);
  const contexts = listeners.flatMap((listener) => chains(listener).map((chain) => ({ listener, tls: tlsOf(chain) })));
  const plain = contexts.filter(({ tls }) => tls === undefined).map(({ listener }) => listener.name);
  const old = contexts
    .map(({ tls }) => record(record(record(tls).common_tls_context).tls_params).tls_minimum_protocol_version)
    .filter((version) => OLD_VERSIONS.includes(String(version)));
  const elsewhere = record(bootstrap.dynamic_resources).lds_config !== undefined;
  const faults = [
    ...plain.map((name) => `has the listener ${show(name)} that answers without TLS beside its promise of TLS`),
    ...old.map((version) => `accepts ${show(version)}, which is broken`),
    ...(elsewhere ? ["takes listeners from elsewhere, which may answer without TLS"] : []),
  ];
  return { promised: contexts.some(({ tls }) => tls !== undefined), faults };
}

const gateways = gatewayReader((bootstrap, _namespace, { models }) => readTls(bootstrap, models.serverPort));

export const rule: Rule = {
  id: "models/gateway-tls",
  title: "A gateway that speaks TLS answers nobody without it, and no version before 1.2.",
  severity: "high",
  scope: "cluster",
  frameworks: [nsa("Network separation and hardening"), owasp("K07")],
  remediation: "Give every filter chain that leads to the model server the TLS transport socket, or none of them.",
  configuredBy: ["models"],
  check: (model, configuration) =>
    gateways(model, configuration).flatMap(({ pod, object, field, read: { promised, faults } }): Finding[] => {
      if (!promised && !isAnnounced(model, pod)) return [];
      return faults.map((fault) => ({
        object,
        field,
        message: `${fault}: prompts, answers and keys can be read on the way.`,
      }));
    }),
};
