import type { ApiGroup, CidrRange, Integer, Port } from "./forms";
import { contains, parseCidr, type Cidr } from "./cidr";
import { CLOSED_RANGES } from "./closed-ranges";
import { present, type Draft } from "./draft";
import type { Report } from "./fault";
import { below } from "./path";
import { readText } from "./read";

/** The monitor, which runs in the cluster and tells when the platform stops being what is declared. */
export interface MonitorSpec {
  /**
   * Address ranges of the API server in CIDR notation: those of `kubectl get endpointslices --namespace default`. The
   * monitor reaches nothing else. At least one.
   * @minItems 1 @uniqueItems @examples [["10.40.0.5/32"]]
   */
  apiServerCidrs: CidrRange[];
  /**
   * Port of the API server at these addresses. Default: 6443.
   * @default 6443 @examples [443]
   */
  apiServerPort?: Port;
  /**
   * Seconds between two evaluations while nothing changes. Default: 60.
   * @minimum 10 @maximum 120 @default 60 @examples [60]
   */
  intervalSeconds?: Integer;
  /**
   * API groups of custom resources that the monitor may read, besides Kubernetes' own, the Gateway API's and those of node pools. Default: none.
   * @uniqueItems @examples [["example.com"]]
   */
  apiGroups?: ApiGroup[];
  /**
   * Settings of the policy pack: the JSON text of its configuration file. Default: the file
   * `policy-pack/config/<stack>.json` beside the stack's file, else the pack's own defaults.
   * @minLength 2 @examples ["{\"tenant-isolation\": {\"images\": {\"registries\": [\"registry.example.com\"]}}}"]
   */
  policySettings?: string;
}

/** The monitor with every default filled in. */
export interface Monitor {
  apiServers: Cidr[];
  apiServerPort: number;
  intervalSeconds: number;
  /** Sorted. */
  apiGroups: string[];
  /** Settings of the policy pack, without what only its engine reads. */
  policySettings: Record<string, unknown>;
}

const DEFAULTS = { apiServerPort: 6443, intervalSeconds: 60 };

/** Key of the pack's settings in its configuration file, and the key in there that the engine takes for itself. */
const PACK = "tenant-isolation";
const ENGINES_OWN = "enforcementLevel";

/** Checks where the API server is, and that the pack's settings can be read. */
export function checkMonitor(monitor: Draft<MonitorSpec> = {}, report: Report): void {
  const at = below("cluster", "monitor");
  for (const { item, index } of present(monitor.apiServerCidrs)) {
    const path = at("apiServerCidrs", index);
    const range = readText(parseCidr, item, path, report);
    const closed = CLOSED_RANGES.find(
      (other) => range !== undefined && (contains(range, other) || contains(other, range)),
    );
    if (closed !== undefined)
      report({
        path,
        value: item,
        problem: `has addresses of ${closed.text}, which hand out credentials or are the node itself`,
        allowed: "the API server's own addresses",
        fix: "write each address of the API server with /32 or /128",
      });
  }
  const { policySettings } = monitor;
  if (policySettings !== undefined && settingsIn(policySettings) === undefined)
    report({
      path: at("policySettings"),
      value: policySettings.slice(0, SHOWN),
      problem: "is not the text of a configuration file of the policy pack",
      allowed: `a JSON object with the key \`${PACK}\``,
      fix: "give the content of the file that `pulumi up --policy-pack-config` is given",
    });
}

const SHOWN = 60;

/** Fills in the defaults. */
export function resolveMonitor(spec: MonitorSpec): Monitor {
  return {
    apiServers: spec.apiServerCidrs.map(parseCidr),
    apiServerPort: spec.apiServerPort ?? DEFAULTS.apiServerPort,
    intervalSeconds: spec.intervalSeconds ?? DEFAULTS.intervalSeconds,
    apiGroups: [...(spec.apiGroups ?? [])].sort(),
    policySettings: spec.policySettings === undefined ? {} : (settingsIn(spec.policySettings) ?? {}),
  };
}

/** The pack's settings in the text of a configuration file; undefined when it is none. */
function settingsIn(text: string): Record<string, unknown> | undefined {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return undefined;
  }
  const settings: unknown = (file as Record<string, unknown> | null)?.[PACK];
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) return undefined;
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key !== ENGINES_OWN));
}
