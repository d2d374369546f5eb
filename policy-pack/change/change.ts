/** What a change of an environment adds, removes, weakens and tightens, from the objects before and after it. */
import type { ClusterModel } from "../model/cluster-model";
import { describe } from "../model/cluster-model";
import type { Violation } from "../rules/rule";
import { capacityWeakenings } from "./capacity";
import { fenceWeakenings } from "./fences";
import { changedFields, type FieldChange } from "./fields";
import { modelWeakenings } from "./models";
import { pathWeakenings } from "./paths";
import { rightWeakenings } from "./rights";
import { ranked, type State, type Weakening } from "./weakening";

/** An object that is there before and after, with what differs. */
export interface ObjectChange {
  object: string;
  fields: FieldChange[];
}

/** The whole comparison. Objects are named `Kind namespace/name`, in the order of the models. */
export interface ChangeReport {
  added: string[];
  removed: string[];
  changed: ObjectChange[];
  /** What is open, held or missing after the change and was not before, apart from what every new tenant has; what opens most first. */
  weakened: Weakening[];
  /** What was open, held or missing before the change and no longer is, said as it was. */
  tightened: Weakening[];
}

/**
 * Compares two states. Pure: it reads only its arguments. A state that an analysis refuses to judge (hidden or unknown
 * objects) counts as weaker, with the reason.
 */
export function compareStates(before: State, after: State): ChangeReport {
  const old = byName(before.model);
  const now = byName(after.model);
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
    changed: [...now].flatMap(([object, value]) => {
      const previous = old.get(object);
      const fields = previous === undefined ? [] : changedFields(previous, value);
      return fields.length === 0 ? [] : [{ object, fields }];
    }),
    weakened: weakenings(before, after),
    tightened: weakenings(after, before).map(past),
  };
}

function weakenings(before: State, after: State): Weakening[] {
  return ranked([
    ...violationWeakenings(before, after),
    ...fenceWeakenings(before, after),
    ...pathWeakenings(before, after),
    ...rightWeakenings(before, after),
    ...capacityWeakenings(before, after),
    ...modelWeakenings(before, after),
  ]);
}

/** A sentence on what is no longer so. */
function past({ what, ...rest }: Weakening): Weakening {
  return { ...rest, what: rest.kind === "violation" ? what.replace(" is broken: ", " was broken: ") : what };
}

function violationWeakenings(before: State, after: State): Weakening[] {
  const key = ({ rule, object, field }: Violation) => `${rule}\n${object}\n${field}`;
  const known = new Set(before.violations.map(key));
  return after.violations
    .filter((violation) => !known.has(key(violation)))
    .map(({ rule, object, field, message }) => ({
      kind: "violation",
      tenant: after.model.tenantOf(/ ([^ /]+)(\/|$)/.exec(object)?.[1] ?? ""),
      what: `Rule ${rule} is broken: ${object}: ${field} ${message}`,
    }));
}

function byName(model: ClusterModel): Map<string, unknown> {
  return new Map(model.objects.map(({ object, namespace }) => [describe(object, namespace), object]));
}
