/** A program, or programs of one team, that calls the tenant's servers: with a key of its own, or as its ServiceAccount. */
export interface ClientSpec {
  /** Name of the client, a DNS label of at most 40 characters; its key is in the Secret `client-` followed by the name. */
  name: string;
  /** ServiceAccount whose tokens the client calls with. It has no key then. Default: a key. */
  serviceAccount?: ServiceAccountReference;
  /** Models of the tenant that the client may use. Default: all of them. */
  models?: string[];
  /** Most requests per minute and replica. Default: not limited. */
  requestsPerMinute?: number;
  /** Most requests that the client may have in flight on one replica. Default: not limited. */
  maxConcurrentRequests?: number;
  /** Most tokens that one request may generate. Default: 4096. */
  maxTokens?: number;
  /** Most tokens of prompts and answers together, per day (UTC) and replica. Default: not limited. */
  tokensPerDay?: number;
  /** Last day (UTC) on which the client's keys or tokens are accepted, as a date such as `2027-01-31`. Default: no last day. */
  expires?: string;
  /** Number of the client's key. Raise it by one for a new key; the keys of earlier numbers but one end. Default: 1. */
  keyGeneration?: number;
  /** Whether the key of the number before is still accepted, so that the client can change over. Default: true. */
  acceptPreviousKey?: boolean;
}

/** A ServiceAccount of the cluster. */
export interface ServiceAccountReference {
  /** Namespace of the ServiceAccount: the tenant's own, or one of no tenant. */
  namespace: string;
  /** Name of the ServiceAccount. */
  name: string;
}
