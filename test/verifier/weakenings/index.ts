import { fences, others } from "./fences";
import { rights } from "./rights";
import { gateway, guard, storage } from "./server";
import { labels, pools, quotas } from "./shares";
import type { Weakening } from "./weakening";

/** All of them, those of the guard first: it would refuse some of the others. */
export const WEAKENINGS: readonly Weakening[] = [
  ...guard,
  ...labels,
  ...quotas,
  ...fences,
  ...rights,
  ...gateway,
  ...storage,
  ...pools,
  ...others,
];
