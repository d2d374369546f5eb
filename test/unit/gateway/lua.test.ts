import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { document, isStrictJson, seeded } from "./support/documents";
import { hasLuaJit, runLua } from "./support/lua";

const ALLOWED = "registry.ollama.ai/library/llama3:8b";
const DOCUMENTS = 20_000;

describe("the guard's Lua", () => {
  before(function () {
    if (!hasLuaJit) this.skip();
  });

  it("hashes as SHA-256 does, for every length around its blocks", () => {
    const texts = Array.from({ length: 300 }, (_, length) => Buffer.alloc(length, 37 + length));
    deepEqual(
      runLua("sha256", texts),
      texts.map((text) => createHash("sha256").update(text).digest("hex")),
    );
  });

  it("resolves names as the catalogue does", () => {
    const table = path.join(__dirname, "../../../components/models/names.vectors.json");
    const { vectors } = JSON.parse(readFileSync(table, "utf8")) as {
      vectors: { input: string; canonical?: string; reason?: string }[];
    };
    const expected = vectors.map(
      ({ canonical, reason }) => canonical ?? (reason === "cloud" ? "!cloud" : "!malformed"),
    );
    deepEqual(
      runLua(
        "name",
        vectors.map(({ input }) => input),
      ),
      expected,
    );
  });

  it("resolves a name the same way however many others were asked before", () => {
    const names = Array.from({ length: 700 }, (_, index) => `Model${index % 300}`);
    deepEqual(
      runLua("name", names),
      names.map((name) => `registry.ollama.ai/library/${name.toLowerCase()}:latest`),
    );
  });

  it("accepts exactly the documents that are strict JSON", () => {
    const random = seeded(1);
    const documents = Array.from({ length: DOCUMENTS }, () => document(random));
    const verdicts = runLua("json", documents);
    documents.forEach((bytes, index) =>
      equal(verdicts[index], isStrictJson(bytes) ? "ok" : "fault", bytes.toString("latin1")),
    );
    ok(verdicts.filter((verdict) => verdict === "ok").length > DOCUMENTS / 5);
  });

  it("and the reader it is compared with both take a colon inside of a string for text", () => {
    const bytes = Buffer.from('{"model":"llama3:8b","a":["b",[":"]],"c":{"d":["e\\"",":"]}}');
    equal(runLua("json", [bytes])[0], "ok");
    ok(isStrictJson(bytes));
  });

  it("builds bodies that name the allowed model and nothing else, whoever reads them", () => {
    const random = seeded(2);
    const documents = Array.from({ length: DOCUMENTS }, () => document(random));
    const results = runLua(
      "rewrite",
      documents.map((bytes) => Buffer.concat([Buffer.from("chat\n"), bytes])),
    );
    let built = 0;
    for (const result of results) {
      if (!result.startsWith("200 ")) continue;
      built += 1;
      ok(isStrictJson(Buffer.from(result.slice(4))), result);
      const body = JSON.parse(result.slice(4)) as Record<string, unknown>;
      equal(body["model"], ALLOWED);
      for (const key of Object.keys(body))
        ok(["model", "messages", "tools", "stream", "format", "think", "truncate", "options"].includes(key), key);
    }
    ok(built > DOCUMENTS / 50, String(built));
  });

  it("reads token counts at the end of a reply, which the answer's text cannot forge", () => {
    const forged = 'text "eval_count":99} "usage":{"prompt_tokens":9}';
    const last = JSON.stringify({ done: true, message: { content: forged }, prompt_eval_count: 11, eval_count: 7 });
    const withContext = JSON.stringify({
      done: true,
      context: Array(9000).fill(1),
      prompt_eval_count: 12,
      eval_count: 8,
    });
    const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
    const anthropic = `event: message_delta\ndata: {"usage":{"input_tokens":5,"output_tokens":6}}\n\nevent: message_stop\ndata: {}\n\n`;
    deepEqual(
      runLua("usage", [
        `ollama\n{"done":false}\n${last}\n`,
        `ollama\n${withContext}`,
        `ollama\n${JSON.stringify({ done: true, prompt_eval_count: 2, eval_count: 1, logprobs: [{ eval_count: 5 }] })}`,
        `ollama\n${JSON.stringify({ message: { tool_calls: [{ eval_count: 5 }], content: forged } })}`,
        `ollama\n{"error":"x"}\n`,
        `object\n${JSON.stringify({ choices: [{ message: { content: forged } }], usage })}`,
        `object\n${anthropic}`,
        `object\n{"choices":[]}`,
      ]),
      ["11 7 nil", "12 8 nil", "2 1 nil", "0 0 nil", "0 0 nil", "3 4 nil", "5 6 nil", "nil nil nil"],
    );
  });

  it("reads how long the model worked, without the time in which it was loaded or others had their turn", () => {
    const durations = {
      total_duration: 9_000_000_000,
      load_duration: 4_000_000_000,
      prompt_eval_count: 3,
      prompt_eval_duration: 500_000_000,
      eval_count: 2,
      eval_duration: 1_250_000_000,
    };
    const { total_duration, load_duration, prompt_eval_count } = durations;
    const forged = 'text "eval_duration":9} "total_duration":9}';
    const whole = `,${JSON.stringify(durations).slice(1).replace(/\d+/g, "9")}`;
    deepEqual(
      runLua("usage", [
        `ollama\n{"done":false}\n${JSON.stringify({ done: true, message: { content: forged }, ...durations })}\n`,
        `ollama\n${JSON.stringify({ ...durations, logprobs: [{ eval_duration: 5 }] })}`,
        `ollama\n${JSON.stringify({ embeddings: [[0.5]], total_duration, load_duration, prompt_eval_count })}`,
        `ollama\n${JSON.stringify({ message: { content: forged }, eval_count: 1 })}`,
        `ollama\n${JSON.stringify({ message: { content: whole }, ...durations })}`,
        `ollama\n${JSON.stringify({ message: { content: whole } })}`,
        `ollama\n${JSON.stringify(Object.fromEntries(Object.entries(durations).reverse()))}`,
      ]),
      ["3 2 1750", "3 2 1750", "3 0 5000", "0 1 nil", "3 2 1750", "0 0 nil", "3 2 1750"],
    );
  });

  it("takes only the event with the counts out of a stream, wherever the stream is cut", () => {
    const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
    const text = [
      event({ choices: [{ delta: { content: '"usage":{' } }] }),
      event({ choices: [{ delta: { content: "b" } }] }),
    ].join("");
    const stream = `${text}${event({ choices: [], usage: { prompt_tokens: 1 } })}data: [DONE]\n\n`;
    const expected = `${text}data: [DONE]\n\n`.replaceAll("\n", "|");
    const sizes = Array.from({ length: stream.length }, (_, index) => index + 1);
    for (const passed of runLua(
      "strip",
      sizes.map((size) => `${size}\n${stream}`),
    ))
      equal(passed, expected);
  });

  it("gives a client a minute's worth of requests, and one more as time passes", () => {
    const takes = [...Array(61).fill("take 1000"), "take 1500", "take 2000", "take 2000"].join(" ");
    equal(runLua("limits", [takes])[0], [...Array(60).fill("nil"), "1", "1", "nil", "1"].join(" "));
  });

  it("counts requests in flight, and forgets those whose stream is gone", () => {
    equal(
      runLua("limits", ["enter 1 enter 2 enter 3 leave 1 enter 4 enter 5 drop 2 enter 6"])[0],
      "in in too_many_at_a_time in too_many_at_a_time in",
    );
  });

  it("gives bodies the room that there is, and one client at most half of it", () => {
    const steps = [
      "hold 1 30 hold 2 30", // 50 are one client's share
      "hold 3 20 other 4 50", // full
      "other 5 1 leave 3 other 6 20", // as much as was given back
      "resize 1 5 other 7 25", // a body that turned out smaller
      "drop 4 other 8 45", // a stream that is gone
    ];
    equal(runLua("limits", [steps.join(" ")])[0], "in memory_full in in memory_full in in in");
  });

  it("counts a body once, however often it is given back", () => {
    equal(runLua("limits", ["hold 1 50 leave 1 leave 1 hold 2 50 hold 3 1"])[0], "in in memory_full");
    equal(runLua("limits", ["hold 1 50 leave 1 resize 1 40 hold 2 50"])[0], "in in");
  });

  it("counts the lines of a stream, wherever it is cut", () => {
    deepEqual(runLua("breaks", ["", "a", "a\n", "\n\na\n", "data: x\n\ndata: y\n"]), ["0", "0", "1", "3", "3"]);
  });

  it("lets nobody in by a policy whose file cannot be read for a while", () => {
    const good = "file the policy of version-1";
    const looks = (...steps: string[]) => runLua("policy", [steps.map((step) => `${step};`).join("")])[0];
    equal(looks(good, "look 0", "file {}", "look 10", "look 69", "look 70", "look 500"), "true true true false false");
    equal(looks(good, "look 0", "gone", "look 10", "look 80", good, "look 90"), "true true false true");
    equal(looks(good, "look 0", "file broken, with version-1", "look 10", "look 70"), "true true false");
    equal(looks("file {}", "look 0", "look 60"), "true false");
    equal(looks(good, "look 0", "file {}", "look 10", good, "look 20", "look 90"), "true true true true");
    equal(looks("file version-2", "look 0", "look 5", good, "look 10"), "true true true");
  });

  const budgets = (declared: string, ...steps: string[]) => runLua("budgets", [`${declared}\n${steps.join()}`])[0];

  it("begins a budget again each day, and each 30 days", () => {
    const steps = ["used 1", "use tokens 5 1", "use tokens 6 1", "used 1", "used 2", "use tokens 1 2", "used 2"];
    equal(budgets("tokensPerDay=20", ...steps), "0 11 0 1");
    equal(budgets("tokensPerMonth=20", ...steps, "used 29.9", "used 30"), "0 11 11 12 12 0");
  });

  it("counts tokens and the time that models work apart, for the client and for all together", () => {
    equal(budgets("", "used 1"), "none");
    const both = "tokensPerDay=100,modelSecondsPerDay=3|tokensPerDay=40";
    const steps = ["use tokens 30 1", "use milliseconds 2500 1", "used 1", "full 1"];
    equal(budgets(both, ...steps), "30 2500 30 modelSecondsPerDay=83");
    equal(budgets("modelSecondsPerDay=3", "use milliseconds 3000 7", "use milliseconds -2999 7", "used 7"), "1");
  });

  it("counts what two clients use for both, and what one uses not for the other", () => {
    const used = (client: string) => budgets(`tokensPerDay=100|tokensPerDay=200`, "use tokens 10 9", client);
    deepEqual([used("used 9"), used("used 9")], ["10 10", "10 10"]);
    const steps = "use tokens 10 9,used 9";
    deepEqual(
      runLua(
        "budgets",
        [90, 100].map((own) => `tokensPerDay=${own}|tokensPerDay=200\n${steps}`),
      ),
      ["10 10", "10 20"],
    );
  });

  it("refuses for the budget that begins again last, and says whose it is and when that is", () => {
    const spent = ["use tokens 9 1", "up 1", "use tokens 2 1", "up 1", "use tokens 20 1", "up 1"];
    deepEqual(
      budgets("tokensPerDay=10|tokensPerMonth=31", ...spent),
      "no the client's budget tokensPerDay is used up until 1970-01-03T00:00:00Z " +
        "the tenant's budget tokensPerMonth is used up until 1970-01-31T00:00:00Z",
    );
  });

  it("tells the service whole seconds and keeps the rest, and thousands of what has no room in 32 bits", () => {
    const steps = ["use milliseconds 2700 1", "untold 1", "use milliseconds 400 1", "untold 1", "untold 1"];
    equal(budgets("modelSecondsPerDay=60", ...steps), "2 1 0");
    const tokens = ["use tokens 4999 1", "untold 1", "use tokens 1 1", "untold 1"];
    equal(budgets("tokensPerDay=4000000000,tokensPerMonth=1000000000000", ...tokens), "4999 4 1 1");
  });

  it("asks the service about each budget, and knows afterwards what all replicas have used", () => {
    const shared = (...lines: string[]) => (runLua("shared", [lines.join("\n")])[0] ?? "").split(/ (?=nil |budget)/);
    const [asked, known] = shared("modelSecondsPerMonth=10|tokensPerDay=100", "tokens 7, milliseconds 3500", "2 50");
    const descriptor = (client: string, limit: string, requestsPerUnit: number, unit: string, hitsAddend: string) => ({
      entries: Object.entries({ tenant: "finance", client, limit }).map(([key, value]) => ({ key, value })),
      limit: { requestsPerUnit, unit },
      hitsAddend,
    });
    deepEqual(JSON.parse(asked ?? ""), {
      domain: "ollama-gateway",
      descriptors: [
        descriptor("cmodelSecondsPerMonth10tokensPerDay100", "modelSecondsPerMonth", 9, "MONTH", "3"),
        descriptor("(all)", "tokensPerDay", 99, "DAY", "7"),
      ],
    });
    // Seven of ten seconds by the service, and half a second that it was not told; 49 of 100 tokens.
    equal(known, "nil 7500 49");
    equal(shared("modelSecondsPerDay=10", "milliseconds 500", "over")[1], "nil 10500");
    const [question] = shared("tokensPerDay=1000000000000", "tokens 2500", "7");
    match(question ?? "", /"tokensPerDay\.thousands".*"requestsPerUnit":999999999,.*"hitsAddend":"2"/);
  });

  it("works in proportion to the body, also for hostile ones", () => {
    const hostile: Record<string, (size: number) => string> = {
      quotes: (size) => `{"model":"llama3:8b","prompt":"${'\\"'.repeat(size / 2)}"}`,
      escapes: (size) => `{"model":"llama3:8b","prompt":"${"\\n".repeat(size / 2)}"}`,
      characters: (size) => `{"model":"llama3:8b","prompt":"${"é".repeat(size / 2)}"}`,
      mixed: (size) => `{"model":"llama3:8b","prompt":"${"aé\\n".repeat(size / 5)}"}`,
      numbers: (size) => `{"model":"llama3:8b","context":[${"1,".repeat(size / 2)}1]}`,
      objects: (size) => `{"model":"llama3:8b","messages":[${'{"a":1},'.repeat(size / 8)}{}]}`,
      blanks: (size) => `{${" ".repeat(size)}"model":"llama3:8b"}`,
      model: (size) => `{"model":"${" ".repeat(size)}llama3:8b"}`,
      unclosed: (size) => `{"model":"llama3:8b","prompt":"${'a\\"'.repeat(size / 3)}`,
      brackets: (size) => `{"model":"llama3:8b","format":{"pattern":"${"[".repeat(size)}"}}`,
      braces: (size) => `{"model":"llama3:8b","format":{"pattern":"${"{".repeat(size)}"}}`,
      halves: (size) => `{"model":"llama3:8b","prompt":"${"\\ud83d".repeat(size / 6)}"}`,
      nested: (size) =>
        `{"model":"llama3:8b","format":${"[".repeat(60)}${'{"a":[]},'.repeat(size / 9)}{}${"]".repeat(60)}}`,
    };
    const work = (size: number) =>
      runLua(
        "work",
        Object.values(hostile).map((body) => `generate\n${body(size)}`),
      ).map(Number);
    const [none, some, more] = [work(0), work(10_000), work(80_000)];
    Object.keys(hostile).forEach((name, index) => {
      const ratio = ((more[index] ?? 0) - (none[index] ?? 0)) / ((some[index] ?? 0) - (none[index] ?? 0));
      // Eight times the bytes; a quadratic step would make it sixty-four.
      ok(ratio < 10, `${name}: ${ratio}`);
    });
  });
});
