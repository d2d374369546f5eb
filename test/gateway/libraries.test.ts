import { deepEqual, equal, ok } from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ALICE, tenant } from "./support/decisions";
import type { AuditLine } from "./support/gateway";
import { RunningGateway } from "./support/gateway";
import type { LibraryCall, Outcome } from "./support/libraries";
import { callsFromJavaScript, callsFromPython } from "./support/libraries";
import { noPython } from "../support/python";
import type { RealOllama } from "./support/ollama";
import { REAL_MODEL, startOllama } from "./support/ollama";

const run = promisify(execFile);
const MODEL = "smollm2:135m";

/** Calls that answer with something other than generated text. */
const LISTS = { list: MODEL, ps: MODEL, models: MODEL, model: MODEL, show: "completion", embed: "2", embeddings: "2" };

/** Calls that are refused, with the status that libraries which tell it have to tell. */
const REFUSALS = { "hidden model": 404, pull: 404, "bad key": 401 };

/** Whether a call came to what the same call to a plain Ollama would, or a refusal by one's own server. */
function isExpected(what: string, { answer, error, status }: Outcome): boolean {
  const refusal = REFUSALS[what as keyof typeof REFUSALS];
  if (refusal !== undefined) return error !== undefined && [refusal, null].includes(status ?? null);
  if (answer === undefined) return false;
  const listed = LISTS[what as keyof typeof LISTS];
  return listed === undefined ? answer !== "" : answer.split(",").includes(listed) && !answer.includes("secret");
}

/** Checks every call of a program; names are `<library> <what>`. */
function judge(outcomes: Record<string, Outcome>): void {
  const faults = Object.entries(outcomes).filter(
    ([name, outcome]) => !isExpected(name.slice(name.indexOf(" ") + 1), outcome),
  );
  deepEqual(faults, []);
}

describe("gateway: client libraries as their users have them, before a real Ollama", function () {
  // The first run installs the libraries and may build Ollama.
  this.timeout(1_800_000);
  let ollama: RealOllama;
  let gateway: RunningGateway;
  let call: LibraryCall;

  before(async () => {
    ollama = await startOllama();
    const limits = { contextLength: 512, maxTokens: 8, keepAlive: "30m" };
    gateway = await RunningGateway.start(tenant({ models: [{ canonical: REAL_MODEL }], limits }), ollama.port);
    const badKey = "wrong-0123456789abcdefghijklmn";
    call = { gateway: gateway.url, key: ALICE, badKey, model: MODEL, hidden: "secret:latest" };
  });
  after(async () => {
    await gateway?.stop();
    await ollama?.stop();
  });

  /** Lines of the log that one library's program has made. */
  async function logged(
    program: () => Promise<Record<string, Outcome>>,
  ): Promise<[Record<string, Outcome>, AuditLine[]]> {
    const before = gateway.audit().length;
    const outcomes = await program();
    const lines = await gateway.auditLines(before + Object.keys(outcomes).length);
    return [outcomes, lines.slice(before)];
  }

  /** Everything that was generated is metered, and what was refused is refused for the right reason. */
  function metered(lines: AuditLine[]): void {
    const inference = lines.filter(
      (line) =>
        line["decision"] === "allow" && /chat|generate|completions|responses|messages/.test(String(line["route"])),
    );
    ok(inference.length > 0);
    for (const line of inference) {
      equal(line["client"], "alice");
      ok(Number(line["prompt_tokens"]) > 0 && Number(line["completion_tokens"]) > 0, JSON.stringify(line));
    }
    const denied = lines.filter((line) => line["decision"] === "deny").map((line) => line["rule"]);
    deepEqual([...new Set(denied)].sort(), ["key_unknown", "model_denied", "route"]);
  }

  it("ollama, openai, @anthropic-ai/sdk and @langchain/ollama for JavaScript", async () => {
    const [outcomes, lines] = await logged(() => callsFromJavaScript(call));
    judge(outcomes);
    metered(lines);
    equal(outcomes["openai hidden model"]?.error, "NotFoundError");
    equal(outcomes["openai bad key"]?.error, "AuthenticationError");
    equal(outcomes["anthropic hidden model"]?.error, "NotFoundError");
    equal(outcomes["anthropic bad key"]?.error, "AuthenticationError");
    equal(outcomes["langchain hidden model"]?.error, "ResponseError");
  });

  it(`ollama, openai, anthropic and langchain-ollama for Python${noPython ? ` (not run: ${noPython})` : ""}`, async function () {
    if (noPython !== undefined) this.skip();
    const [outcomes, lines] = await logged(() => callsFromPython(call));
    judge(outcomes);
    metered(lines);
    equal(outcomes["openai hidden model"]?.error, "NotFoundError");
    equal(outcomes["openai bad key"]?.error, "AuthenticationError");
    equal(outcomes["anthropic hidden model"]?.error, "NotFoundError");
    equal(outcomes["langchain hidden model"]?.error, "ResponseError");
  });

  it("Ollama's command line sends no key to a server of one's own, and is refused; without a gateway it is served", async () => {
    const list = (host: string) =>
      run(ollama.program, ["list"], {
        env: { PATH: process.env["PATH"], HOME: gateway.directory, OLLAMA_HOST: host, OLLAMA_API_KEY: ALICE },
      }).then(
        ({ stdout }) => stdout,
        () => undefined,
      );
    const before = gateway.audit().length;
    equal(await list(gateway.url), undefined);
    const lines = (await gateway.auditLines(before + 1)).slice(before);
    deepEqual([...new Set(lines.map((line) => line["rule"]))], ["key_missing"]);
    ok((await list(`http://127.0.0.1:${ollama.port}`))?.includes(MODEL));
  });
});
