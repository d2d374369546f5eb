import assert from "node:assert/strict";
import { type Asking, type ProbeAnswer, probeBy } from "../../../components/guard-probe";

const refusal = (version: string): ProbeAnswer => ({
  status: 403,
  text: `ValidatingAdmissionPolicy 'ollama-platform-in-force' denied request: the guard ${version} is in force.`,
});
const created: ProbeAnswer = { status: 201, text: "{}" };

/** Asks for version `new` where the answers come one after the other, the last one again and again. */
async function ask(answers: ProbeAnswer[], over: Partial<Asking> = {}) {
  const warnings: string[] = [];
  let attempts = 0;
  const attempt = (): Promise<ProbeAnswer> => {
    const answer = answers[Math.min(attempts++, answers.length - 1)] ?? created;
    return answer.status === 0 ? Promise.reject(new Error(answer.text)) : Promise.resolve(answer);
  };
  const warn = (reason: string): Promise<void> => Promise.resolve(void warnings.push(reason));
  const error = await probeBy({ attempt, warn, ...over })("new").then(
    () => undefined,
    (failure: Error) => failure.message,
  );
  return { attempts, warnings, error };
}

describe("The question whether a guard is in force", () => {
  it("is asked until the guard of this version refuses: not while nothing does, nor another version, nor the API server is away", async () => {
    const silent = { status: 0, text: "connect ECONNREFUSED" };
    const busy = { status: 429, text: "too many requests" };
    const { attempts, warnings, error } = await ask([created, silent, busy, refusal("old"), refusal("new")]);
    assert.deepEqual({ attempts, warnings, error }, { attempts: 5, warnings: [], error: undefined });
  });

  it("is given up with a warning where the answer has nothing to do with the guard", async () => {
    const forbidden = { status: 403, text: 'namespaces is forbidden: User "ci" cannot create resource "namespaces"' };
    const { attempts, warnings, error } = await ask([forbidden]);
    assert.equal(attempts, 1);
    assert.equal(error, undefined);
    assert.match(warnings.join(), /could not be asked: the API server answered 403: namespaces is forbidden/);
  });

  for (const [title, answer] of [
    ["nothing refuses", created],
    ["another version stays", refusal("old")],
  ] as const)
    it(`ends the update when ${title}, and says what the API server answered`, async () => {
      const { error, warnings } = await ask([answer], { seconds: 0 });
      assert.match(error ?? "", /the admission guard new is not in force .* nothing of a tenant is made or changed/);
      assert.match(error ?? "", new RegExp(`answered ${answer.status}`));
      assert.deepEqual(warnings, []);
    });
});
