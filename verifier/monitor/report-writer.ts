/** Keeps the policy reports in the cluster as they have to be: written when they change, and gone when their tenant is. */
import { REPORT_RESOURCES } from "../../components/plan/monitor/rights";
import { isSuccess, refusalOf, type ApiReply, type ClusterApi } from "../cluster-api";
import { apiVersionOf, inParallel, itemsOf, pagesOf, resourceName, type Resource } from "../live-objects";
import { record } from "../../policy-pack/model/json";
import { messageOf, type Result } from "../result";
import type { CheckRun } from "./evaluate";
import type { Report } from "./reports";

/** Label of the reports that the monitor has written; others' are left alone. */
const WRITER = { "app.kubernetes.io/managed-by": "ollama-platform-monitor" };
const FIELD_MANAGER = "ollama-platform-monitor";
const AT_ONCE = 4;

type Reports = ReadonlyMap<string, Report>;

/** Writes reports. */
export interface ReportWriter {
  /** Learns which kinds of reports the API server serves, and what is in them now: someone may have changed or removed one. */
  look(resources: readonly Resource[]): Promise<void>;
  /** What the reports have to say from now on. Comes back at once; what cannot be written is tried again after the next look. */
  want(reports: Reports): void;
  /** Whether the reports in the cluster say that. */
  check(): CheckRun;
  /** Reports that were written or removed. */
  written(): number;
}

/** @param namespace Where the reports are. */
export function reportWriter(api: ClusterApi, namespace: string): ReportWriter {
  let kinds: Resource[] = [];
  let wanted: Reports | undefined;
  let trouble: string | undefined;
  let written = 0;
  let working: Promise<void> | undefined;
  let isBehind = false;
  /** What is in the cluster, by the name of the resource. */
  let known = new Map<string, Map<string, Report>>();

  const settle = async (): Promise<void> => {
    const reports = wanted;
    if (reports === undefined) {
      trouble = undefined;
      return;
    }
    const failed: string[] = [];
    for (const kind of kinds) {
      const there = known.get(resourceName(kind)) ?? new Map<string, Report>();
      const gone = [...there.keys()].filter((name) => !reports.has(name));
      const other = [...reports].filter(([name, report]) => !says(there.get(name), report));
      await inParallel([...gone, ...other.map(([name]) => name)], AT_ONCE, async (name) => {
        const report = reports.get(name);
        try {
          const reply = await (report === undefined ? remove(name, kind) : apply(name, kind, report));
          if (!isSuccess(reply) && !(report === undefined && reply.status === 404)) throw new Error(refusalOf(reply));
          written += 1;
          if (report === undefined) there.delete(name);
          else there.set(name, report);
        } catch (error) {
          failed.push(messageOf(error));
        }
      });
      known.set(resourceName(kind), there);
    }
    trouble = failed[0] === undefined ? undefined : `${failed.length} could not be written: ${failed[0]}`;
  };
  const pathOf = (kind: Resource, name: string) => `${collectionIn(kind, namespace)}/${name}`;
  const remove = (name: string, kind: Resource): Promise<ApiReply> =>
    api.request({ method: "DELETE", path: pathOf(kind, name) });
  const apply = (name: string, kind: Resource, report: Report): Promise<ApiReply> =>
    api.request({
      method: "PATCH",
      path: `${pathOf(kind, name)}?fieldManager=${FIELD_MANAGER}&force=true`,
      contentType: "application/apply-patch+yaml",
      body: {
        apiVersion: apiVersionOf(kind),
        kind: kind.kind,
        metadata: { name, namespace, labels: WRITER },
        ...report,
      },
    });
  const workOff = async (): Promise<void> => {
    while (isBehind) {
      isBehind = false;
      await settle();
    }
    working = undefined;
  };
  /** One writes at a time, and the latest reports win. */
  const work = (): void => {
    isBehind = true;
    working ??= workOff();
  };
  return {
    look: async (resources) => {
      kinds = resources.filter(isReportKind);
      await working;
      try {
        const lists = await inParallel(kinds, AT_ONCE, (kind) => reportsIn(api, kind, namespace));
        known = new Map(kinds.map((kind, index) => [resourceName(kind), lists[index] ?? new Map<string, Report>()]));
        work();
      } catch (error) {
        trouble = `they cannot be listed: ${messageOf(error)}`;
      }
    },
    want: (reports) => {
      wanted = reports;
      if (kinds.length > 0) work();
    },
    check: () => checkRun(kinds, trouble),
    written: () => written,
  };
}

/** Whether a live value has everything of a wanted one; what an API server fills in beside is no difference. */
function says(live: unknown, value: unknown): boolean {
  if (Array.isArray(value))
    return Array.isArray(live) && live.length === value.length && value.every((item, index) => says(live[index], item));
  if (typeof value !== "object" || value === null) return live === value;
  return Object.entries(value).every(([key, item]) => says(record(live)[key], item));
}

function isReportKind({ group, resource, namespaced, verbs }: Resource): boolean {
  return REPORT_RESOURCES[group]?.includes(resource) === true && namespaced && verbs.includes("patch");
}

function collectionIn(kind: Resource, namespace: string): string {
  return `/apis/${apiVersionOf(kind)}/namespaces/${namespace}/${kind.resource}`;
}

/** The monitor's own reports by name. */
async function reportsIn(api: ClusterApi, kind: Resource, namespace: string): Promise<Map<string, Report>> {
  const own = Object.entries(WRITER).map(([key, value]) => `${key}=${value}`);
  const found = new Map<string, Report>();
  for await (const page of pagesOf(api, collectionIn(kind, namespace), { labelSelector: own.join() }))
    for (const { metadata, scope, summary, results } of itemsOf(page))
      found.set(String(record(metadata)["name"]), { scope, summary, results } as Report);
  return found;
}

/** A report that was not written says what is no longer so. */
function checkRun(kinds: readonly Resource[], trouble: string | undefined): CheckRun {
  const served = kinds.map(resourceName).join(" and ");
  const result: Result = {
    id: "reports",
    question: "health",
    tried: "writes policy reports where the cluster has a kind for them",
    ...(trouble === undefined
      ? { outcome: "isolated", found: served === "" ? "there is no such kind" : `${served} say what was found` }
      : {
          outcome: "inconclusive",
          found: trouble,
          fix: "see whether the Role `monitor` and its binding stand in the monitor's namespace: `npm run drift`",
        }),
  };
  return { check: "reports", results: [result], decided: trouble === undefined };
}
