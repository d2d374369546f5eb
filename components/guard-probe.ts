import { setTimeout as sleep } from "node:timers/promises";
import type { GuardProbe } from "./guard-in-force";
import { IN_FORCE_POLICY, inForceMessage } from "./plan/guard/in-force";

/** What the API server answers to an attempt; status 0 when it does not answer. */
export interface ProbeAnswer {
  status: number;
  text: string;
}

/** How an API server is asked. */
export interface Asking {
  /** Tries, as a dry run, to make the namespace that the guard lets nobody make. */
  attempt: () => Promise<ProbeAnswer>;
  /** Told why it cannot be asked, when the attempt fails for another reason than the guard. */
  warn: (reason: string) => Promise<void>;
  /** How long the guard may take to be in force, in seconds. Default: 60. */
  seconds?: number;
}

/** A probe that makes attempts until the guard says that the version is in force. */
export function probeBy({ attempt, warn, seconds = 60 }: Asking): GuardProbe {
  return async (version) => {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const { status, text } = await attempt().catch((error: Error): ProbeAnswer => ({
        status: 0,
        text: error.message,
      }));
      if (text.includes(inForceMessage(version))) return;
      const answered = `the API server answered ${status}: ${text.slice(0, 300)}`;
      if (isUnrelated(status, text)) {
        await warn(`whether the admission guard is in force could not be asked: ${answered}`);
        return;
      }
      if (Date.now() > end)
        throw new Error(
          `the admission guard ${version} is not in force ${seconds} s after it was deployed, so nothing of a tenant is made or changed; ` +
            `${answered}; run the update again, and see docs/admission-guard.md`,
        );
      await sleep(100);
    }
  };
}

/** Whether a no has nothing to do with the guard. While a guard is changed, another version of it says no. */
function isUnrelated(status: number, text: string): boolean {
  return status >= 400 && status < 500 && status !== 429 && !text.includes(IN_FORCE_POLICY);
}
