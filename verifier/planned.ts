/** What a declaration comes to in a cluster. */
import { planPlatform, platformObjects } from "../components/plan/platform";
import type { PlatformSpec } from "../components/spec/index";
import type { ApiObject } from "./drift/api";

/** Every object that the declaration comes to, as it is sent: without the fields that are not set. */
export function plannedObjects(declared: PlatformSpec): ApiObject[] {
  return JSON.parse(JSON.stringify(platformObjects(planPlatform(declared)))) as ApiObject[];
}
