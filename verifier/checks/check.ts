/** What every check works with. */
import type { PackSettings } from "../../policy-pack/settings/load";
import type { ClusterModel } from "../../policy-pack/model/cluster-model";
import type { ClusterApi } from "../cluster-api";
import type { LiveObjects } from "../live-objects";
import type { Result } from "../result";

/** The live cluster under verification. */
export interface Subject {
  api: ClusterApi;
  live: LiveObjects;
  /** The live objects as rules see them. */
  model: ClusterModel;
  settings: PackSettings;
  /** Date as YYYY-MM-DD, on which exemptions are looked at. */
  today: string;
}

/** A check: it answers with results, of which none may be missing silently. */
export interface Check {
  name: string;
  run(subject: Subject): Promise<Result[]> | Result[];
}
