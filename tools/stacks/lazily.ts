import { createRequire } from "node:module";
import type * as drive from "./drive";
import type * as open from "./open";
import type * as saved from "./saved";

const load = createRequire(__filename);

/**
 * What drives an environment's several stacks, with the planner and the rules that judge the whole of it. Loading them takes a second, so commands
 * load them for such an environment alone.
 */
export const stackDriver = (): typeof drive & typeof open & typeof saved => ({
  ...(load("./drive") as typeof drive),
  ...(load("./open") as typeof open),
  ...(load("./saved") as typeof saved),
});
