/** Rules on the network. */
import type { Rule } from "../rule";
import { rule as defaultDeny } from "./default-deny";
import { rule as dnsAllowed } from "./dns-allowed";
import { rule as endpoints } from "./endpoints";
import { rule as externalRanges } from "./external-ranges";
import { rule as hostNames } from "./host-names";
import { rule as hostNetworkPeers } from "./host-network-peers";
import { rule as ingressAnnotations } from "./ingress-annotations";
import { rule as ingressTls } from "./ingress-tls";
import { rule as ipBlocks } from "./ip-blocks";
import { rule as listeners } from "./listeners";
import { rule as noCrossTenantPeer } from "./no-cross-tenant-peer";
import { rule as openRules } from "./open-rules";
import { rule as overridingPolicies } from "./overriding-policies";
import { rule as platformPeers } from "./platform-peers";
import { rule as portsNamed } from "./ports-named";
import { rule as routePaths } from "./route-paths";
import { rule as routes } from "./routes";
import { rule as selectedPods } from "./selected-pods";
import { rule as selectors } from "./selectors";
import { rule as serviceTypes } from "./service-types";
import { rule as tenantReachability } from "./tenant-reachability";

export const networkRules: readonly Rule[] = [
  defaultDeny,
  dnsAllowed,
  endpoints,
  externalRanges,
  hostNames,
  hostNetworkPeers,
  ingressAnnotations,
  ingressTls,
  ipBlocks,
  listeners,
  noCrossTenantPeer,
  openRules,
  overridingPolicies,
  platformPeers,
  portsNamed,
  routePaths,
  routes,
  selectedPods,
  selectors,
  serviceTypes,
  tenantReachability,
];
