/** Limits of a tenant's requests and of single clients: what they are, their defaults, and what follows from them. */
import { buffersOf } from "./memory";

/** Bounds of what one request may cost. */
export interface RequestLimits {
  /** Longest request body in bytes; bodies are held in memory while they are judged. Default: 8 MiB, a photo of a phone. */
  maxBodyBytes?: number;
  /** Most tokens that one request may generate. Default: 4096. */
  maxTokens?: number;
  /** Most messages of one conversation, calls of tools and their results included. Default: 4096. */
  maxMessages?: number;
  /** Most texts of one embedding request. Default: 2048, as many as OpenAI's own API takes. */
  maxInputs?: number;
  /** Most images of one request, those of earlier messages included. Default: 32. */
  maxImages?: number;
  /** Most tools of one request. Default: 512. */
  maxTools?: number;
}

/** Limits of a tenant. */
export interface GatewayLimits extends RequestLimits {
  /** Context length in tokens that every request gets. It must be the server's, else requests reload the model. Default: the server's. */
  contextLength?: number;
  /** How long a model stays loaded after a request, as a duration such as `30m`. Default: the server's. */
  keepAlive?: string;
  /** Most requests that the server works on or queues at a time. Default: 64. */
  maxActiveRequests?: number;
  /** Most requests that wait at the gateway for one of those places; the next is told to come later (503). Default: 32. */
  maxWaitingRequests?: number;
  /** Seconds for which an answer may be silent, the time in which a model is loaded included. Default: 900. */
  maxSilenceSeconds?: number;
  /** Seconds after which an answer is ended, however it goes on. Default: 3600. */
  maxAnswerSeconds?: number;
  /**
   * Seconds for which clients are still let in when the policy's file cannot be read any more: a key that was withdrawn
   * may be one of those that the gateway still knows. Default: 300.
   */
  unreadablePolicySeconds?: number;
}

/** Defaults of the limits that have one. */
export const DEFAULT_LIMITS = {
  maxBodyBytes: 8 * 1024 * 1024,
  maxTokens: 4096,
  maxMessages: 4096,
  maxInputs: 2048,
  maxImages: 32,
  maxTools: 512,
  maxActiveRequests: 64,
  maxWaitingRequests: 32,
  maxSilenceSeconds: 900,
  maxAnswerSeconds: 3600,
  unreadablePolicySeconds: 300,
} as const;

/** Limits with the defaults filled in. */
export type ResolvedLimits = GatewayLimits & { [limit in keyof typeof DEFAULT_LIMITS]: number };

/** Names of the bounds of one request. */
export const REQUEST_LIMITS = [
  "maxBodyBytes",
  "maxTokens",
  "maxMessages",
  "maxInputs",
  "maxImages",
  "maxTools",
] as const satisfies (keyof RequestLimits)[];

/** Fills in the defaults of the limits. */
export function resolveLimits(limits: GatewayLimits = {}): ResolvedLimits {
  return { ...DEFAULT_LIMITS, ...given(limits) };
}

/** What the limits of one request depend on. */
export interface LimitSource {
  /** The tenant's limits as they were set. */
  limits?: GatewayLimits;
  /** Memory limit of the gateway's container in bytes. */
  memoryBytes?: number;
}

/**
 * What one request of a client may cost. A client's own limit holds unless the tenant has set a lower one; where the tenant
 * has set none, it takes the place of the default.
 *
 * @param source The tenant's side.
 * @param own The client's limits as they were set.
 */
export function limitsOfClient(source: LimitSource, own: RequestLimits): Required<RequestLimits> {
  const longest = buffersOf(source.memoryBytes, resolveLimits(source.limits)).longestBody;
  const defaults = { ...DEFAULT_LIMITS, maxBodyBytes: Math.min(DEFAULT_LIMITS.maxBodyBytes, longest) };
  const entries = REQUEST_LIMITS.map((name): [string, number] => {
    const set = [source.limits?.[name], own[name]].filter((value) => value !== undefined);
    return [name, set.length === 0 ? defaults[name] : Math.min(...set)];
  });
  return Object.fromEntries(entries) as unknown as Required<RequestLimits>;
}

/** The longest body that any client may send; one may have a longer one than the default of its tenant. */
export function longestBody(source: LimitSource, clients: readonly RequestLimits[]): number {
  return Math.max(...[{}, ...clients].map((own) => limitsOfClient(source, own).maxBodyBytes));
}

function given(limits: GatewayLimits): GatewayLimits {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}
