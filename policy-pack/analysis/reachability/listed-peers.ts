/** Namespaces that no object declares but the configuration names. */
import type { PackConfiguration } from "../../settings/settings";

/** Namespaces of every peer that the configuration lists, and of DNS. */
export function listedNamespaces({ cluster }: PackConfiguration): Set<string> {
  return new Set([...cluster.ingressPeers, ...cluster.egressPeers, cluster.dns].map((peer) => peer.namespace));
}

/** The configuration for the analysis: a listed namespace must not count as one of those that nobody names. */
export function withListedNamespaces(configuration: PackConfiguration): PackConfiguration {
  const platformNamespaces = [...new Set([...configuration.platformNamespaces, ...listedNamespaces(configuration)])];
  return { ...configuration, platformNamespaces };
}
