/** What the outcomes of trials show. */
import { isIP } from "node:net";
import type { Outcome as Verdict, Result } from "../result";
import type { Outcome } from "./probe";
import { familyOf } from "./targets";
import type { Trial } from "./trials";

/** A trial and what it met; without an outcome, why there is none. */
export interface Tried {
  trial: Trial;
  outcome?: Outcome;
  why?: string;
  /** Addresses of the pod that tried. Default: one of every family. */
  addresses?: readonly string[];
}

const CLOSED: readonly Outcome["met"][] = ["refused", "dropped", "unreachable"];

/** Whether the right end answered. */
function isAnswered({ trial, outcome }: Tried): boolean {
  return outcome?.met === "answered" && (trial.answers === undefined || outcome.detail === trial.answers);
}

/** One result for each trial that shows anything; witnesses only bear out the others. */
export function judgeTrials(all: readonly Tried[]): Result[] {
  const answered = new Set(all.filter(isAnswered).map(({ trial }) => trial.id));
  const alive = new Set(
    all.filter((one) => isAnswered(one) || one.outcome?.resolved === true).map(({ trial }) => trial.from.id),
  );
  return all
    .filter(({ trial }) => trial.role !== "witness")
    .map((tried) => ({ ...about(tried), ...judge(tried, answered, alive) }));
}

function about({ trial: { id, from, tried } }: Tried): Pick<Result, "id" | "question" | "tenant" | "tried"> {
  return { id: `traffic/${id}`, question: "network", tenant: from.tenant, tried };
}

type Finding = { outcome: Verdict; found: string; disagreement?: string; fix?: string };

const AGAIN =
  "run the verifier again; `kubectl get pods -A -l ollama-platform.io/verifier` shows its probes while it runs";
const NOT_ENFORCED =
  "see that the network plugin enforces NetworkPolicy and that its agents run, and that the declared policies are there: `npm run drift`";

function judge(tried: Tried, answered: ReadonlySet<string>, alive: ReadonlySet<string>): Finding {
  const { trial, outcome } = tried;
  if (outcome === undefined) return { outcome: "inconclusive", found: tried.why ?? "it was not tried", fix: AGAIN };
  const met = describeOutcome(outcome);
  if (outcome.met === "answered" && !isAnswered(tried))
    return { outcome: "inconclusive", found: `another end answered: ${JSON.stringify(outcome.detail)}`, fix: AGAIN };
  if (trial.role === "control") return judgeControl(trial, outcome, met);
  if (isAnswered(tried)) {
    const unlike = trial.forecast.allowed === false && `the policies close it: ${trial.forecast.why}`;
    return { outcome: "open", found: met, ...(unlike !== false && { disagreement: unlike }), fix: NOT_ENFORCED };
  }
  if (!CLOSED.includes(outcome.met)) return { outcome: "inconclusive", found: met, fix: AGAIN };
  const doubt = familyDoubt(tried) ?? doubtOf(trial, answered, alive);
  if (doubt !== undefined) return { outcome: "inconclusive", found: `${met}, but ${doubt}`, fix: AGAIN };
  return {
    outcome: "isolated",
    found: `${met}; ${proofOf(trial, answered)}`,
    ...(trial.forecast.allowed === true && { disagreement: `the policies let it through: ${trial.forecast.why}` }),
  };
}

/** A control that fails makes a case of its own: the policies let it through, and the network does not. */
function judgeControl({ forecast }: Trial, { met }: Outcome, text: string): Finding {
  if (met === "answered")
    return {
      outcome: "isolated",
      found: "answered, as it has to be: it is the control",
      ...(forecast.allowed === false && { disagreement: `the policies close it: ${forecast.why}` }),
    };
  return {
    outcome: "inconclusive",
    found: `${text}, and it is the control: what is closed elsewhere may be closed for another reason`,
    ...(forecast.allowed === true &&
      CLOSED.includes(met) && { disagreement: `the policies let it through: ${forecast.why}` }),
    fix: "see why pods cannot connect where no policy closes the way: Services, DNS, the network plugin",
  };
}

/** Says where who asked has no address from which the other end could be reached, so that nothing was kept from them. */
function familyDoubt({ trial: { attempt }, addresses }: Tried): string | undefined {
  const family = attempt.family ?? (isIP(attempt.host) === 0 ? undefined : familyOf(attempt.host));
  if (family === undefined || addresses === undefined) return undefined;
  return addresses.some((address) => familyOf(address) === family)
    ? undefined
    : `who asked has no IPv${family} address`;
}

/** Why a closed connection shows nothing; undefined when it does. */
function doubtOf(
  { from, listens, absent, cannotConnect }: Trial,
  answered: ReadonlySet<string>,
  alive: ReadonlySet<string>,
) {
  if (cannotConnect !== true && !alive.has(from.id)) return "who asked reached nothing at all";
  const hasWitness = listens === "ready" || listens.some((id) => answered.has(id));
  if (hasWitness || absent !== undefined) return undefined;
  return `nothing shows that anybody listens there: the control was not answered either`;
}

function proofOf({ listens, absent }: Trial, answered: ReadonlySet<string>): string {
  if (listens === "ready") return "the kubelet finds the same pod listening";
  const witness = listens.find((id) => answered.has(id));
  if (witness !== undefined) return `the control ${witness} was answered`;
  return absent === undefined ? "" : `nothing listens there: ${absent}, and the control was not answered either`;
}

const WORDS: Record<Outcome["met"], string> = {
  answered: "answered",
  refused: "refused",
  dropped: "dropped: nothing came back",
  unreachable: "unreachable, says the network",
  unresolved: "the name was not resolved",
  error: "the attempt failed",
};

function describeOutcome({ met, detail, status }: Outcome): string {
  const more = [status === undefined ? undefined : `status ${status}`, detail].filter((text) => text !== undefined);
  return more.length === 0 ? WORDS[met] : `${WORDS[met]} (${more.join(", ")})`;
}
