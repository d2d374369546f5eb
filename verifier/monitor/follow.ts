/** Follows all objects of one resource: a list, then a watch, and both again when the watch cannot go on. */
import { setTimeout as sleep } from "node:timers/promises";
import { record } from "../../policy-pack/model/json";
import { isMissingRight, isSuccess, refusalOf, type ApiReply, type ClusterApi, type Credentials } from "../cluster-api";
import { apiVersionOf, collectionPath, itemsOf, resourceName, type Resource } from "../live-objects";
import { messageOf } from "../result";
import { isOtherwise, isRoutine, keyOf, slim, type LiveObject } from "./objects";
import { watch, WatchRefused, type WatchEvent } from "./watch";

/** What is known of a resource. */
export interface Followed {
  readonly resource: Resource;
  /** Its objects by identity, as far as they have been told. */
  readonly objects: ReadonlyMap<string, LiveObject>;
  /** Whether the objects are those of now: listed, and watched without a break. */
  isCurrent(): boolean;
  /** Why they are not; undefined while they are. */
  why(): string | undefined;
  /** Whether they have ever been listed. */
  wasListed(): boolean;
  /** Whether a first answer has come, be it a refusal. */
  wasAnswered(): boolean;
  /** Asks for one object, so that a right that was taken away, or a server that is away, is noticed while a watch is still open. */
  ask(): Promise<void>;
  /** Follows it no longer. */
  stop(): void;
}

/** What happens while resources are followed. */
export interface Listener {
  /**
   * Something was declared differently, came or went.
   *
   * @param isRoutine Whether it is what controllers do all the time.
   */
  changed(isRoutine: boolean): void;
  /** An object is no longer there. */
  gone(object: Record<string, unknown>): void;
  /** A watch broke off, and this is how long nothing was seen and how much had changed meanwhile. */
  returned(resource: Resource, awayMilliseconds: number, changes: number): void;
}

/** Where to ask, and until when. */
export interface FollowOptions {
  api: ClusterApi;
  credentials: Credentials;
  listener: Listener;
  signal: AbortSignal;
  /** First pause before another attempt, in milliseconds; it doubles up to `longestPause`. */
  firstPause: number;
  longestPause: number;
}

/** A page of gateways' ConfigMaps is some 15 MB. */
const PAGE = 100;
/** The server ends a watch after so long, and the next one goes on where it ended. */
const WATCH_SECONDS = 290;

/** Follows a resource until the signal. It never gives up: what is refused now may be allowed later. */
export function follow(resource: Resource, options: FollowOptions): Followed {
  const objects = new Map<string, LiveObject>();
  const state: State = {
    objects,
    version: "",
    problem: NOT_LISTED,
    refusal: undefined,
    awaySince: undefined,
    listed: false,
  };
  const own = new AbortController();
  const until = { ...options, signal: AbortSignal.any([options.signal, own.signal]) };
  void keepUp(resource, state, until);
  return {
    resource,
    objects,
    isCurrent: () => state.problem === undefined && state.refusal === undefined,
    why: () => state.problem ?? state.refusal,
    wasListed: () => state.listed,
    wasAnswered: () => state.problem !== NOT_LISTED,
    ask: async () => {
      state.refusal = await refusalNow(resource, options.api);
    },
    stop: () => own.abort(),
  };
}

const NOT_LISTED = "not listed yet";

/** Why an object cannot be listed now; undefined when it can. */
async function refusalNow(resource: Resource, api: ClusterApi): Promise<string | undefined> {
  try {
    const reply = await api.request({ path: `${collectionPath(resource)}?limit=1` });
    return isSuccess(reply) ? undefined : refusalIn(reply);
  } catch (error) {
    return messageOf(error);
  }
}

function refusalIn(reply: ApiReply): string {
  return isMissingRight(reply) ? MISSING_RIGHT : refusalOf(reply);
}

interface State {
  objects: Map<string, LiveObject>;
  /** Version that the next watch begins after; empty when everything has to be listed again. */
  version: string;
  problem: string | undefined;
  /** What the last question was answered with. */
  refusal: string | undefined;
  listed: boolean;
  awaySince: number | undefined;
}

async function keepUp(resource: Resource, state: State, options: FollowOptions): Promise<void> {
  const { signal, firstPause, longestPause } = options;
  let pause = firstPause;
  while (!signal.aborted) {
    try {
      if (state.version === "") await list(resource, state, options);
      await watchOn(resource, state, options, () => (pause = firstPause));
    } catch (error) {
      if (signal.aborted) return;
      state.problem = messageOf(error);
      state.awaySince ??= Date.now();
      // The server has forgotten the version, or never knew it: only a list tells what is there.
      if (error instanceof WatchRefused) state.version = "";
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, longestPause);
    }
  }
}

async function list(resource: Resource, state: State, { api, listener }: FollowOptions): Promise<void> {
  const found = new Map<string, LiveObject>();
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  let token = "";
  do {
    const query = new URLSearchParams({ limit: `${PAGE}`, ...(token === "" ? {} : { continue: token }) });
    const reply = await api.request({ path: `${collectionPath(resource)}?${query}` });
    if (!isSuccess(reply)) throw new Error(refusalIn(reply));
    for (const item of itemsOf(reply)) found.set(keyOf(item), slim({ ...item, ...type }));
    const { continue: next = "", resourceVersion = "" } = record((reply.body as { metadata?: unknown }).metadata);
    token = String(next);
    state.version = String(resourceVersion);
  } while (token !== "");
  for (const [key, object] of state.objects) if (!found.has(key)) listener.gone(object);
  const changes = replace(state.objects, found);
  state.listed = true;
  if (state.awaySince !== undefined) listener.returned(resource, Date.now() - state.awaySince, changes);
  state.awaySince = undefined;
  if (changes > 0) listener.changed(false);
}

/** Says that the account's rights do not reach. */
export const MISSING_RIGHT = "the right to list and watch is missing";

/** @returns How many objects came, went or were declared differently. */
function replace(objects: Map<string, LiveObject>, found: Map<string, LiveObject>): number {
  let changes = 0;
  for (const key of objects.keys())
    if (!found.has(key)) {
      objects.delete(key);
      changes += 1;
    }
  for (const [key, object] of found) {
    const before = objects.get(key);
    if (before === undefined || isOtherwise(before, object)) changes += 1;
    objects.set(key, object);
  }
  return changes;
}

async function watchOn(resource: Resource, state: State, options: FollowOptions, onOpen: () => void): Promise<void> {
  const query = new URLSearchParams({
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: state.version,
    timeoutSeconds: `${WATCH_SECONDS}`,
  });
  const opened = () => {
    const { awaySince } = state;
    state.problem = undefined;
    state.awaySince = undefined;
    if (awaySince !== undefined) options.listener.returned(resource, Date.now() - awaySince, 0);
    onOpen();
  };
  await watch(options.credentials, `${collectionPath(resource)}?${query}`, options, opened, (event) => {
    take(state, options.listener, event);
  });
}

function take(state: State, listener: Listener, { type, object }: WatchEvent): void {
  const version = record(object["metadata"])["resourceVersion"];
  if (typeof version === "string") state.version = version;
  if (type === "BOOKMARK") return;
  const key = keyOf(object);
  const before = state.objects.get(key);
  if (type === "DELETED") {
    state.objects.delete(key);
    listener.gone(object);
    listener.changed(isRoutine(object));
    return;
  }
  const now = slim(object);
  state.objects.set(key, now);
  if (before === undefined || isOtherwise(before, now)) listener.changed(isRoutine(now));
}

/** Name of a followed resource, for messages. */
export function followedName({ resource }: Followed): string {
  return resourceName(resource);
}
