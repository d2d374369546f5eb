/** The reasons that the pack gives for its findings are true on a real control plane. */
import { claims } from "./claims";
import type { Claim } from "./claims/claim";
import { Server } from "./claims/server";

/** Trials that run at the same time: most of a trial is waiting for controllers. */
const AT_ONCE = 8;

/** Trials by claim, each with its error where it failed. */
type Outcomes = Map<Claim, Promise<unknown>>;

/** Begins the trials in their order, so many at a time. */
function begin(server: Server, tried: readonly Claim[]): Outcomes {
  const running: Promise<unknown>[] = [];
  return new Map(
    tried.map((claim, index) => {
      const place = running[index - AT_ONCE] ?? Promise.resolve();
      const trial = place.then(() => claim.tried?.(server)).catch((error: unknown) => error);
      running.push(trial);
      return [claim, trial];
    }),
  );
}

describe("what the pack says of Kubernetes is so on a real control plane", function () {
  this.timeout(300_000);
  const tried = claims.filter((claim) => claim.tried !== undefined);
  let server: Server;
  let outcomes: Outcomes;

  before("start a cluster and begin the trials", async () => {
    server = await Server.start();
    outcomes = begin(server, tried);
  });
  after(async () => {
    await Promise.all(outcomes?.values() ?? []);
    await server?.close();
  });

  for (const claim of tried)
    it(`${claim.of}: ${claim.says}`, async () => {
      const error = await outcomes.get(claim);
      if (error !== undefined) throw error as Error;
    });
});
