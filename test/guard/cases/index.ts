import type { Case } from "../support/acts";
import { ACCESS } from "./access";
import { ADVISORIES } from "./advisories";
import { CLUSTER } from "./cluster";
import { derived } from "./derived";
import { DEVICES } from "./devices";
import { NETWORK } from "./network";
import { OBJECTS_OF_PLATFORM, RIGHTS } from "./objects";
import { PODS } from "./pods";
import { RUNNING } from "./running";
import { SINGLE, SINGLE_JUDGED } from "./single";
import { SINGLE_OF_OBJECTS } from "./single-judged";
import { IN_WORKSPACE } from "./workspace";

/** Every act that the guard refuses, each with its twin. */
export const CASES: Case[] = [
  ...PODS,
  ...ADVISORIES,
  ...ACCESS,
  ...NETWORK,
  ...RIGHTS,
  ...OBJECTS_OF_PLATFORM,
  ...CLUSTER,
  ...DEVICES,
  ...IN_WORKSPACE,
  ...SINGLE,
];

/** The same and more, for the judge, which needs no objects that exist: quotas let no tenant have some of them. */
export const JUDGED: Case[] = [...CASES, ...RUNNING, ...SINGLE_JUDGED, ...SINGLE_OF_OBJECTS, ...derived(CASES)];
