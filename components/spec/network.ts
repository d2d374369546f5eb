import type { PodPeer } from "./peer";

/** Exceptions to the default-deny network policies of a tenant. */
export interface NetworkSpec {
  /** Pods in other namespaces that may call the tenant's server. Default: none. */
  ingressFrom?: PodPeer[];
  /** Destinations outside the cluster that the tenant's pods may call. Default: none. */
  egressTo?: EgressRule[];
}

/** A destination outside the cluster. */
export interface EgressRule {
  /** Destination range in CIDR notation; cluster, link-local and metadata addresses in it stay closed. */
  cidr: string;
  /** Ports of the destination; at least one. */
  ports: PortSpec[];
}

/** Transport protocol of a port. */
export const Protocol = { TCP: "TCP", UDP: "UDP", SCTP: "SCTP" } as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

/** A port. */
export interface PortSpec {
  /** Port number, 1 to 65535. */
  port: number;
  /** Transport protocol. Default: `TCP`. */
  protocol?: Protocol;
}
