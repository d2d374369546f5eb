/**
 * Endpoints that seem to lead elsewhere for a moment. Those of pods and the pods themselves are followed by two watches, and
 * an address may be another pod's before the controller of the endpoints has heard of it: that is nobody's hand.
 */
import { strayAddresses, tellsOfPods } from "../derived";
import type { LiveObject } from "./objects";

/** How long an address may be no pod's of its namespace, in milliseconds. */
const GRACE = 2_000;
/** How long endpoints may have such addresses one after the other. */
const LONGEST = 10_000;

/** Objects that say something that the pods do not say. */
export interface Settled {
  objects: LiveObject[];
  /** Milliseconds after which endpoints that were left out are to be looked at again; undefined when none are. */
  again?: number;
}

/** Remembers since when endpoints lead elsewhere. */
export class Endpoints {
  private readonly since = new Map<string, number>();

  /**
   * The objects without the endpoints that lead to pods of their namespace, and without those that say that they lead to
   * pods and have not led elsewhere for long.
   *
   * @param former Addresses of pods that have just gone, as `podPlaces` writes them.
   * @param now Time in milliseconds.
   */
  settled(objects: readonly LiveObject[], former: ReadonlySet<string>, now = Date.now()): Settled {
    const strays = strayAddresses(objects, former);
    const seen = new Set<string>();
    const waits: number[] = [];
    const age = (...names: unknown[]): number => {
      const key = names.join(" ");
      seen.add(key);
      const since = this.since.get(key) ?? now;
      this.since.set(key, since);
      return now - since;
    };
    const kept = objects.filter((object) => {
      const stray = strays(object);
      if (stray?.length === 0) return false;
      if (stray === undefined || !tellsOfPods(object)) return true;
      const { kind, metadata } = object;
      const name = [kind, metadata.namespace, metadata.name];
      const left = Math.min(LONGEST - age(...name), ...stray.map((address) => GRACE - age(...name, address)));
      if (left > 0) waits.push(left);
      return left <= 0;
    });
    for (const key of this.since.keys()) if (!seen.has(key)) this.since.delete(key);
    return { objects: kept, ...(waits.length > 0 && { again: Math.min(...waits) }) };
  }
}
