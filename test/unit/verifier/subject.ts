import type { ClusterApi } from "../../../verifier/cluster-api";
import type { Subject } from "../../../verifier/checks/check";
import { compliantObjects, modelOf, settings, type Loose } from "../policy-pack/fixture";

/** A compliant live cluster under verification, changed by the test. */
export function subjectOf(api: ClusterApi, change: (objects: Loose[]) => void = () => undefined): Subject {
  const objects = compliantObjects();
  change(objects);
  return {
    api,
    live: { objects, resources: [], unreadable: [] },
    model: modelOf(objects),
    settings,
    today: "2030-01-01",
  };
}
