/** Addresses of pods that have just gone: endpoints tell of them for a moment longer, which is nobody's hand. */
import { podPlaces } from "../derived";

/** Longer than a busy controller takes. What tells of them after that is an alarm. */
const KEPT_MILLISECONDS = 60_000;

export class FormerAddresses {
  private readonly gone = new Map<string, number>();

  /** Takes note of an object that is gone. */
  add(object: Record<string, unknown>, now = Date.now()): void {
    for (const place of podPlaces(object)) this.gone.set(place, now);
  }

  /** Those that have not been gone for long. */
  recent(now = Date.now()): ReadonlySet<string> {
    for (const [place, since] of this.gone) if (now - since > KEPT_MILLISECONDS) this.gone.delete(place);
    return new Set(this.gone.keys());
  }
}
