import { BOOTSTRAP_FILE } from "../../../components/gateway";
import { packed } from "../../../components/gateway/archive";
import { unpacked } from "../../../policy-pack/model/packed-files";
import { at, type Loose, type Widening } from "./widening";

/** Changes the start-up configuration of a gateway; what it has not, it leaves as it is. */
const changed =
  (change: (bootstrap: Loose, listener: Loose, filters: Loose[]) => void) =>
  (archive: Loose): string => {
    const read = unpacked(Buffer.from(archive as string, "base64")) ?? [];
    const files = Object.fromEntries(read.map(({ name, text }) => [name, text]));
    const bootstrap = JSON.parse(files[BOOTSTRAP_FILE] ?? "") as Loose;
    const [listener] = bootstrap.static_resources.listeners;
    change(bootstrap, listener, listener.filter_chains[0].filters[0].typed_config.http_filters as Loose[]);
    // In the form of the builder, so that no change is no difference.
    return packed({ ...files, [BOOTSTRAP_FILE]: `${JSON.stringify(bootstrap)}\n` }).toString("base64");
  };

const audienceOf = (filters: Loose[]): Loose => filters.find(({ name }) => name === "gateway.audience");

/** Ways for a gateway to accept what is meant for others, or to answer without TLS. */
export const gatewayWidenings: Widening[] = at(/^ConfigMap$/, /^binaryData\["config\.tar\.gz"\]$/, {
  "accepting tokens for another tenant": changed((_, __, filters) => {
    const [, named] = audienceOf(filters)?.typed_config.rules.policies["no-token-or-the-tenants"].principals ?? [];
    if (named === undefined) return;
    named.sourced_metadata.metadata_matcher.value.list_match.one_of.string_match.exact = "ollama.tenant-intruder.svc";
  }),
  "accepting tokens for whatever audience its file names": changed((_, __, filters) => {
    const index = filters.indexOf(audienceOf(filters));
    if (index >= 0) filters.splice(index, 1);
  }),
  "given a plain listener beside the encrypted one": changed((bootstrap, listener) => {
    if (listener.filter_chains[0].transport_socket === undefined) return;
    const twin = structuredClone(listener);
    delete twin.filter_chains[0].transport_socket;
    twin.address.socket_address.port_value = 8081;
    bootstrap.static_resources.listeners.push(twin);
  }),
  "no longer encrypted": changed((_, listener) => delete listener.filter_chains[0].transport_socket),
  "accepting TLS 1.0": changed((_, listener) => {
    const context = listener.filter_chains[0].transport_socket?.typed_config.common_tls_context;
    if (context !== undefined) context.tls_params.tls_minimum_protocol_version = "TLSv1_0";
  }),
  "packed so that nobody can read it": () => Buffer.from([0x1f, 0x8b, 8, 0]).toString("base64"),
});
