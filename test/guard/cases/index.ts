import type { Case } from "../support/acts";
import { ACCESS } from "./access";
import { CLUSTER } from "./cluster";
import { NETWORK } from "./network";
import { OBJECTS_OF_PLATFORM, RIGHTS } from "./objects";
import { PODS } from "./pods";

/** Every act that the guard refuses, each with its twin. */
export const CASES: Case[] = [...PODS, ...ACCESS, ...NETWORK, ...RIGHTS, ...OBJECTS_OF_PLATFORM, ...CLUSTER];
