import type { ClusterSpec, PodPeer } from "../../config/spec";
import { resolveGuard, type GuardSpec } from "../../spec/guard";
import type { Cidr } from "../cidr";
import type { Report } from "../faults";
import { isDnsLabel, isDnsSubdomain } from "../names";
import { readCidrs } from "../read";
import { resolveIssuer, type TokenIssuer } from "./token-issuer";

/** Facts of the cluster, with every default filled in. */
export interface Cluster {
  dns: PodPeer;
  ingressControllers: PodPeer[];
  monitoring: PodPeer[];
  /** Pod, service and node ranges: what no egress rule may open. */
  internalRanges: Cidr[];
  podSecurityVersion: string;
  sandboxRuntimeClass?: string;
  /** Issuer of ServiceAccount tokens; absent when no client calls with them. */
  serviceAccountIssuer?: TokenIssuer;
  /** The admission guard; absent when there is none. */
  guard?: Required<GuardSpec>;
}

const DEFAULTS = {
  dns: { namespace: "kube-system", podLabels: { "k8s-app": "kube-dns" } },
  podCidrs: ["10.244.0.0/16"],
  serviceCidrs: ["10.96.0.0/16"],
  podSecurityVersion: "v1.34",
};

/** Fills in the defaults and reports what is wrong. */
export function resolveCluster(spec: ClusterSpec, report: Report): Cluster {
  const dns = spec.dns ?? DEFAULTS.dns;
  const ingressControllers = spec.ingressControllers ?? [];
  const monitoring = spec.monitoring ?? [];
  checkPeers(report, "cluster.dns", [dns], () => "cluster.dns");
  checkPeers(report, "cluster.ingressControllers", ingressControllers);
  checkPeers(report, "cluster.monitoring", monitoring);
  const podSecurityVersion = spec.podSecurityVersion ?? DEFAULTS.podSecurityVersion;
  if (!/^v1\.[1-9][0-9]*$/.test(podSecurityVersion)) {
    report(
      "cluster.podSecurityVersion",
      `${JSON.stringify(podSecurityVersion)} is not a pinned version: write a minor version, for example ${DEFAULTS.podSecurityVersion}`,
    );
  }
  if (spec.sandboxRuntimeClass !== undefined && !isDnsSubdomain(spec.sandboxRuntimeClass)) {
    report(
      "cluster.sandboxRuntimeClass",
      `${JSON.stringify(spec.sandboxRuntimeClass)} is not the name of a RuntimeClass`,
    );
  }
  return {
    dns,
    ingressControllers,
    monitoring,
    internalRanges: [
      ...readCidrs(report, "cluster.podCidrs", spec.podCidrs ?? DEFAULTS.podCidrs),
      ...readCidrs(report, "cluster.serviceCidrs", spec.serviceCidrs ?? DEFAULTS.serviceCidrs),
      ...readCidrs(report, "cluster.nodeCidrs", spec.nodeCidrs ?? []),
    ],
    podSecurityVersion,
    sandboxRuntimeClass: spec.sandboxRuntimeClass,
    ...(spec.serviceAccountIssuer && { serviceAccountIssuer: resolveIssuer(spec.serviceAccountIssuer, report) }),
    ...(spec.guard && { guard: resolveGuard(spec.guard, report) }),
  };
}

/** Checks peers: a peer without a namespace or without labels would open a whole namespace, or all of them. */
export function checkPeers(
  report: Report,
  path: string,
  peers: PodPeer[],
  pathOf: (index: number) => string = (index) => `${path}[${index}]`,
): void {
  peers.forEach((peer, index) => {
    if (!isDnsLabel(peer.namespace)) {
      report(`${pathOf(index)}.namespace`, `${JSON.stringify(peer.namespace)} is not the name of a namespace`);
    }
    if (Object.keys(peer.podLabels).length === 0) {
      report(
        `${pathOf(index)}.podLabels`,
        "are empty, which would mean every pod of the namespace: name at least one label",
      );
    }
  });
}
