/** The monitor: follows the cluster, evaluates after every change and on a timer, and remembers when each check last succeeded. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ClusterApi, Credentials } from "../cluster-api";
import {
  discoverResources,
  inParallel,
  isLookedAt,
  resourceName,
  type LiveObjects,
  type Resource,
} from "../live-objects";
import { messageOf, type Result } from "../result";
import { MONITOR_NAMESPACE } from "../../components/spec/names";
import type { MonitorDeclaration } from "./declaration";
import { declaredCheck } from "./declared-check";
import { Endpoints } from "./endpoints";
import { evaluate, isRequired, isWithheld, type Evaluation } from "./evaluate";
import { follow, type Followed, type Listener } from "./follow";
import { FormerAddresses } from "./former-addresses";
import type { LiveObject } from "./objects";
import { reportWriter, type ReportWriter } from "./report-writer";
import { reportsOf, unknownReports } from "./reports";

/** How the monitor works. */
export interface MonitorOptions {
  api: ClusterApi;
  credentials: Credentials;
  declaration: MonitorDeclaration;
  /** Time between evaluations when nothing changes, in milliseconds. */
  interval: number;
  /** How long changes are gathered before they are evaluated, in milliseconds. */
  debounce: number;
  /** Writes one line for people. */
  log: (line: string) => void;
}

/** A time in which a resource was not seen. */
export interface Gap {
  resource: string;
  ended: Date;
  milliseconds: number;
  /** Objects that were declared differently afterwards; what the server could replay is not counted. */
  changes: number;
}

/** What the monitor knows, for metrics and the page. */
export interface MonitorState {
  readonly declaration: MonitorDeclaration;
  readonly started: Date;
  /** The last evaluation; undefined before the first. */
  evaluation(): Evaluation | undefined;
  /** When the last evaluation ended. */
  evaluated(): Date | undefined;
  /** When each check last decided everything, on objects that were current; absent: never. */
  lastSuccess(): ReadonlyMap<string, Date>;
  /** Whether everything that has to be followed is, and the last evaluation is no older than it may be. */
  isCurrent(): boolean;
  /** Why it is not, for people. */
  whyNot(): string[];
  /** Times in which something was not seen, the latest last. */
  gaps(): readonly Gap[];
  counts(): Readonly<Counts>;
}

export interface Counts {
  evaluations: number;
  /** Seconds that the last evaluation took. */
  seconds: number;
  gaps: number;
  gapMilliseconds: number;
  missedChanges: number;
  requests: number;
  followed: number;
  /** Policy reports that were written or removed. */
  reports: number;
}

/** An evaluation that is older than so many intervals is not believed any more. */
const STALE_INTERVALS = 3;
const KEPT_GAPS = 20;
/** So many reasons are logged in one line. */
const MOST_SAID = 5;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;
const ASKERS = 4;

/** Outcomes that are logged, with what is logged when they are over. */
const ENDS = [
  ["open", "closed"],
  ["inconclusive", "decided"],
] as const;

/** What was found, by the ID of the result, for results of one outcome. */
function foundOf(runs: Evaluation["runs"], outcome: Result["outcome"]): Map<string, string> {
  const results = runs.flatMap(({ results: own }) => own);
  return new Map(results.filter((result) => result.outcome === outcome).map(({ id, found }) => [id, found]));
}

/** Runs until the signal. */
export function startMonitor(options: MonitorOptions, signal: AbortSignal): MonitorState & { done: Promise<void> } {
  const monitor = new Monitor(options, signal);
  return Object.assign(monitor, { done: monitor.run() });
}

class Monitor implements MonitorState {
  readonly declaration: MonitorDeclaration;
  readonly started = new Date();
  private readonly followed = new Map<string, Followed>();
  private unserved: LiveObjects["unreadable"] = [];
  private unreachable: string | undefined = "the API server has not been asked yet";
  private last: Evaluation | undefined;
  private lastEnded: Date | undefined;
  private readonly successes = new Map<string, Date>();
  private readonly seenGaps: Gap[] = [];
  private readonly counted: Counts = {
    evaluations: 0,
    seconds: 0,
    gaps: 0,
    gapMilliseconds: 0,
    missedChanges: 0,
    requests: 0,
    followed: 0,
    reports: 0,
  };
  private readonly api: ClusterApi;
  private readonly compare: ReturnType<typeof declaredCheck>;
  private readonly reports: ReportWriter;
  /** Wakes the loop; set while it sleeps. */
  private wake: (() => void) | undefined;
  private readonly former = new FormerAddresses();
  private readonly endpoints = new Endpoints();
  /** Ends the wait for endpoints that may settle by themselves. */
  private lookAgain: NodeJS.Timeout | undefined;
  private isDirty = true;
  /** Whether what is to be evaluated is more than routine. */
  private isUrgent = false;
  /** Ends a rest; set while it rests. */
  private rouse: (() => void) | undefined;
  /** What was logged last of what is not known; empty when nothing was amiss. */
  private saidUnknown = "";

  constructor(
    private readonly options: MonitorOptions,
    private readonly signal: AbortSignal,
  ) {
    this.declaration = options.declaration;
    this.compare = declaredCheck(options.declaration.objects);
    this.api = { ...options.api, request: (request) => (this.counted.requests++, options.api.request(request)) };
    this.reports = reportWriter(this.api, MONITOR_NAMESPACE);
  }

  evaluation = () => this.last;
  evaluated = () => this.lastEnded;
  lastSuccess = () => this.successes;
  gaps = () => this.seenGaps;
  counts = () => ({ ...this.counted, followed: this.followed.size, reports: this.reports.written() });
  isCurrent = () => this.whyNot().length === 0;

  whyNot = (): string[] => {
    const away = this.required()
      .filter((one) => !one.isCurrent())
      .map((one) => `${resourceName(one.resource)}: ${one.why() ?? ""}`);
    const age = this.lastEnded === undefined ? Infinity : Date.now() - this.lastEnded.getTime();
    const late = age > STALE_INTERVALS * this.options.interval ? ["the last evaluation is too old"] : [];
    return [...(this.unreachable === undefined ? [] : [this.unreachable]), ...away, ...late];
  };

  private readonly settled = (all: readonly LiveObject[]): LiveObject[] => {
    const { objects, again } = this.endpoints.settled(all, this.former.recent());
    clearTimeout(this.lookAgain);
    if (again !== undefined) this.lookAgain = setTimeout(() => this.listener.changed(false), again);
    this.lookAgain?.unref();
    return objects;
  };

  private required(): Followed[] {
    return [...this.followed.values()].filter(({ resource }) => isRequired(resource));
  }

  async run(): Promise<void> {
    const { interval, debounce } = this.options;
    let nextRound = 0;
    this.signal.addEventListener("abort", () => this.wake?.());
    while (!this.signal.aborted) {
      if (Date.now() >= nextRound) {
        // What has just begun is awaited without a word for one interval.
        if (nextRound > 0) this.sayUnknown();
        await this.lookRound();
        this.isDirty = true;
        nextRound = Date.now() + interval;
      }
      if (this.isDirty && this.hasAnswers()) {
        await this.pause(debounce);
        this.isDirty = false;
        this.isUrgent = false;
        await this.evaluateOnce();
        // What controllers do without end may take a third of the time at most; what else is changed is not kept waiting.
        await this.rest(2_000 * this.counted.seconds);
      }
      await this.sleepUntilChanged(nextRound - Date.now());
    }
  }

  private hasAnswers(): boolean {
    return this.followed.size > 0 && [...this.followed.values()].every((one) => one.wasAnswered());
  }

  /** Looks for new and vanished kinds, and asks for one object of each, so that no silence is taken for peace. */
  private async lookRound(): Promise<void> {
    let resources: Resource[];
    try {
      const unserved: LiveObjects["unreadable"] = [];
      resources = await discoverResources(this.api, unserved);
      this.unserved = unserved;
      this.unreachable = undefined;
      this.followAll(resources.filter((one) => isLookedAt(one) && one.verbs.includes("watch") && !isWithheld(one)));
    } catch (error) {
      this.unreachable = messageOf(error);
      return;
    }
    if (this.counted.evaluations === 0) return;
    await inParallel([...this.followed.values()], ASKERS, (one) => one.ask());
    await this.reports.look(resources);
    // What is amiss for a moment only is not told to everybody.
    const why = this.whyNot();
    const { tenants } = this.declaration;
    if (why.length > 0)
      this.reports.want(unknownReports(why.slice(0, MOST_SAID).join("; "), tenants, MONITOR_NAMESPACE));
  }

  private followAll(resources: readonly Resource[]): void {
    const wanted = new Map(resources.map((resource) => [`${resourceName(resource)}/${resource.version}`, resource]));
    for (const [key, one] of this.followed)
      if (!wanted.has(key)) {
        one.stop();
        this.followed.delete(key);
      }
    for (const [key, resource] of wanted) {
      if (this.followed.has(key)) continue;
      const { credentials } = this.options;
      const shared = { api: this.api, credentials, signal: this.signal, listener: this.listener };
      this.followed.set(key, follow(resource, { ...shared, firstPause: FIRST_PAUSE, longestPause: LONGEST_PAUSE }));
    }
  }

  private readonly listener: Listener = {
    changed: (isRoutine) => {
      this.isDirty = true;
      this.isUrgent ||= !isRoutine;
      if (!isRoutine) this.rouse?.();
      this.wake?.();
    },
    gone: (object) => this.former.add(object),
    returned: (resource, milliseconds, changes) => {
      const gap = { resource: resourceName(resource), ended: new Date(), milliseconds, changes };
      this.seenGaps.push(gap);
      if (this.seenGaps.length > KEPT_GAPS) this.seenGaps.shift();
      this.counted.gaps += 1;
      this.counted.gapMilliseconds += milliseconds;
      this.counted.missedChanges += changes;
      this.options.log(`${gap.resource} was not seen for ${(milliseconds / 1000).toFixed(1)} s; ${changes} changes`);
      this.isDirty = true;
      this.wake?.();
    },
  };

  private async evaluateOnce(): Promise<void> {
    const begun = Date.now();
    const evaluation = await evaluate({
      api: this.api,
      declaration: this.declaration,
      compare: this.compare,
      followed: [...this.followed.values()],
      unserved: this.unserved,
      settled: this.settled,
      today: new Date(begun).toISOString().slice(0, 10),
    });
    evaluation.runs.push(this.reports.check());
    const isReached = this.unreachable === undefined;
    for (const { check, decided } of evaluation.runs)
      if (decided && isReached) this.successes.set(check, new Date(begun));
    this.tell(evaluation);
    this.last = evaluation;
    this.lastEnded = new Date();
    if (this.isCurrent()) this.reports.want(reportsOf(evaluation, this.declaration.tenants, MONITOR_NAMESPACE));
    this.counted.evaluations += 1;
    this.counted.seconds = (Date.now() - begun) / 1000;
  }

  /** Logs why not everything is known, when that is other than before: silence would look like peace. */
  private sayUnknown(): void {
    const why = this.whyNot();
    const more = why.length > MOST_SAID ? [`${why.length - MOST_SAID} more`] : [];
    const text = [...why.slice(0, MOST_SAID), ...more].join("; ");
    if (text === this.saidUnknown) return;
    this.saidUnknown = text;
    this.options.log(text === "" ? "everything is known again" : `not known: ${text}`);
  }

  /** Logs what was not open or undecided before, and what is no longer. */
  private tell({ runs }: Evaluation): void {
    for (const [outcome, end] of ENDS) {
      const [before, now] = [foundOf(this.last?.runs ?? [], outcome), foundOf(runs, outcome)];
      for (const [id, found] of now) if (!before.has(id)) this.options.log(`${outcome}: ${id}: ${found}`);
      for (const id of before.keys()) if (!now.has(id)) this.options.log(`${end}: ${id}`);
    }
  }

  private async pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.signal }).catch(() => undefined);
  }

  /** Waits, until something is changed that is no routine. */
  private async rest(milliseconds: number): Promise<void> {
    if (this.isUrgent) return;
    const roused = new AbortController();
    this.rouse = () => roused.abort();
    const signal = AbortSignal.any([this.signal, roused.signal]);
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    this.rouse = undefined;
  }

  private async sleepUntilChanged(milliseconds: number): Promise<void> {
    if (this.isDirty && this.hasAnswers()) return;
    const limit = this.hasAnswers() ? milliseconds : Math.min(milliseconds, FIRST_PAUSE);
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, limit));
      this.wake = resolve;
    });
    clearTimeout(timer);
    this.wake = undefined;
  }
}
