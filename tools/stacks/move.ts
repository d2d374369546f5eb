import { EngineFailure } from "../commands/run";
import type { Output } from "../local/display/screen";
import { runPulumi } from "../engine";
import { savedParts, type Session, stacksThatExist, withSession } from "./drive";
import { commandFolder } from "./existing";
import { type EnvironmentStacks, prepareStacks } from "./open";
import { type Misplaced, misplacedTenants, placesOfTenants, type SavedPart, tenantsOf } from "./saved";
import { tenantOfUrn } from "../../components/stack-parts";

/** Tenants that move from one stack to another together, since each move writes both states as a whole. */
interface Move {
  from: string;
  to: string;
  /** Whether the other stack has them already and only the copy that a broken move left has to go. */
  isThere: boolean;
  tenants: string[];
}

/**
 * Tells which stack holds which tenants and, when asked to, moves those that lie in another stack than they belong in. Nothing is recreated in
 * the cluster and nothing is asked of it: only states are written. Broken off at any point it goes on the next time.
 *
 * @param mayMove Whether tenants are moved. Default: it is only told what would be.
 */
export function placeTenants(
  environment: EnvironmentStacks,
  mayMove: boolean,
  output: Output = process.stdout,
): Promise<void> {
  return withSession(environment, output, async (session) => {
    const { screen } = session;
    await prepareStacks(
      environment.base,
      environment.parts.map(({ stack }) => stack.name),
    );
    const saved = await savedParts(await stacksThatExist(environment), session);
    for (const part of saved) screen.say(`${part.stack}: ${tenantsOf(part).sort().join(", ") || "no tenants"}`);
    const moves = movesOf(misplacedTenants(placesOfTenants(environment), saved));
    const busy = saved.filter(
      ({ pending, stack }) => pending > 0 && moves.some(({ from, to }) => [from, to].includes(stack)),
    );
    if (busy.length > 0) {
      screen.say(
        `error: an engine died in ${busy.map(({ stack }) => stack).join(", ")}: \`pulumi refresh\` there settles what it had begun`,
      );
      throw new EngineFailure(1);
    }
    for (const [index, move] of moves.entries()) {
      screen.say(`[${index + 1} of ${moves.length}] ${move.tenants.join(", ")}: from ${move.from} to ${move.to}`);
      if (mayMove) await carryOut(session, move, saved);
      if (session.signals.signal.aborted) throw new EngineFailure(130);
    }
    const next = `\`npm run up -- --stack ${environment.name}\``;
    if (moves.length === 0) screen.say("Every tenant is where it belongs.");
    else if (mayMove) screen.say(`Moved. ${next} brings the stacks' outputs up to date.`);
    else screen.say("Nothing was moved; `--move` does it, and recreates nothing in the cluster.");
  });
}

/** Misplaced tenants by where they are moved, in the order in which they were found. */
export function movesOf(misplaced: readonly Misplaced[]): Move[] {
  const moves = new Map<string, Move>();
  for (const { tenant, ...way } of misplaced) {
    const key = JSON.stringify(way);
    moves.set(key, { ...way, tenants: [...(moves.get(key)?.tenants ?? []), tenant] });
  }
  return [...moves.values()];
}

async function carryOut({ environment, signals }: Session, move: Move, saved: readonly SavedPart[]): Promise<void> {
  const resources = saved.find(({ stack }) => stack === move.from)?.resources ?? [];
  const urns = resources
    .map(({ urn }) => urn)
    .filter((urn) => tenantOfUrn(urn).some((tenant) => move.tenants.includes(tenant)));
  const to = environment.parts.find(({ stack }) => stack.name === move.to)?.stack ?? environment.base;
  const commands = move.isThere
    ? urns.map((urn) => ["state", "delete", urn, "--stack", move.from, "--target-dependents", "--force", "--yes"])
    : [["state", "move", ...urns, "--source", move.from, "--dest", move.to, "--yes"]];
  for (const args of commands) {
    // Ctrl-C waits for the command, which takes seconds; a second one ends it at once.
    const { code, stdout, stderr } = await runPulumi([...args, "--non-interactive", "--color", "never"], {
      env: environment.base.environment,
      cwd: commandFolder(to),
      killSignal: signals.killSignal,
    });
    if (code !== 0) throw new Error(`pulumi state ${args[1] ?? ""} failed:\n${stderr}${stdout}`);
  }
}
