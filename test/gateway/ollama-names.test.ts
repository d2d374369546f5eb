/** What a name means, by the platform's own rules and by a real Ollama: whatever both accept is one and the same model. */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { vectors } from "../../components/models/names.vectors.json";
import { ModelNameError, ModelNameReason, parseModelName } from "../../components/models/names";
import { smallModel } from "../../tools/images/small-model";
import type { RealOllama } from "./support/ollama";
import { startOllama } from "./support/ollama";

/** What a name resolves to, or why it is none. */
interface Meaning {
  canonical?: string;
  reason?: string;
}

const RANDOM_NAMES = 400;

/**
 * Names that a later Ollama than this one reads in its own way, which the platform's rules follow: it trims blanks and
 * knows sources (`:local`, `:cloud`). The gateway asks for the canonical name, so this one cannot take them for another.
 */
const isReadAnew = (name: string) =>
  /^[\s\u0085]|[\s\u0085]$/.test(name) || /(:[\s\u0085]*(local|cloud)|-cloud)[\s\u0085]*$/i.test(name);

function ours(name: string): Meaning {
  try {
    return { canonical: parseModelName(name).canonical };
  } catch (error) {
    ok(error instanceof ModelNameError, String(error));
    return { reason: error.reason };
  }
}

/** A name as Ollama lists it, with the registry and namespace that it leaves out, in lower case. */
function inFull(listed: string): string {
  const left = ["registry.ollama.ai/library/", "registry.ollama.ai/", ""][listed.split("/").length - 1] ?? "";
  return `${left}${listed}`.toLowerCase();
}

describe("names of models and a real Ollama", function () {
  // The first run may build Ollama.
  this.timeout(1_800_000);
  let ollama: RealOllama;
  let present: string[];

  before(async () => {
    ollama = await startOllama();
    present = await names();
  });
  after(() => ollama?.stop());

  const send = (method: string, route: string, body: object) =>
    fetch(`http://127.0.0.1:${ollama.port}${route}`, { method, body: JSON.stringify(body) });
  async function names(): Promise<string[]> {
    const { models } = JSON.parse(await ollama.ask("/api/tags")) as { models: { name: string }[] };
    // Ollama lists the newest first, and a copy onto a name makes it new.
    return models.map(({ name }) => name).sort();
  }

  /** Gives the small model the name, and looks at which name it has then. */
  async function theirs(name: string): Promise<Meaning> {
    const copied = await send("POST", "/api/copy", { source: smallModel.name, destination: name });
    if (copied.status !== 200) {
      return { reason: ((await copied.json()) as { error: string }).error };
    }
    const added = (await names()).filter((each) => !present.includes(each));
    ok(added.length <= 1, added.join());
    const [made] = added;
    if (made === undefined) return { canonical: alreadyThere(name) };
    equal((await send("DELETE", "/api/delete", { model: made })).status, 200, made);
    return { canonical: inFull(made) };
  }

  /** A copy that adds no name went to one of those that were there. */
  function alreadyThere(name: string): string | undefined {
    return present.map(inFull).find((each) => each === ours(name).canonical);
  }

  /** Fails unless both sides agree, or differ in the way that is meant. */
  async function compare(name: string): Promise<"agreed" | "meant"> {
    const [mine, real] = [ours(name), await theirs(name)];
    if (mine.canonical !== undefined && mine.canonical === real.canonical) return "agreed";
    if (mine.canonical === undefined && real.canonical === undefined) return "agreed";
    // A name that it would take, but whose part is too long for a file's name.
    if (mine.canonical !== undefined && real.reason?.endsWith("file name too long")) return "meant";
    const refusedHere = mine.reason === ModelNameReason.scheme || mine.reason === ModelNameReason.cloud;
    ok(refusedHere || isReadAnew(name), `${JSON.stringify(name)}: ${JSON.stringify({ mine, real })}`);
    return "meant";
  }

  it("agree on every name of the shared table but those that are refused on purpose", async () => {
    ok(vectors.length >= 150);
    const counts = { agreed: 0, meant: 0 };
    for (const { input } of vectors) counts[await compare(input)] += 1;
    ok(counts.agreed >= 150, JSON.stringify(counts));
    deepEqual(await names(), present);
  });

  it(`agree on ${RANDOM_NAMES} random names`, async () => {
    const piece = fc.constantFrom(
      "a",
      "B",
      "llama3",
      "library",
      "latest",
      "8b",
      ":",
      "/",
      ".",
      "-",
      "_",
      "@",
      " ",
      "é",
      "80",
    );
    const name = fc.array(piece, { minLength: 1, maxLength: 7 }).map((pieces) => pieces.join(""));
    await fc.assert(
      fc.asyncProperty(name, async (text) => void (await compare(text))),
      { numRuns: RANDOM_NAMES },
    );
  });

  it("would not agree if the rules were others", async () => {
    // The control: a name of the table that both accept, read by rules that keep capital letters.
    const { canonical } = await theirs("ME/Llama3:8b");
    equal(canonical, "registry.ollama.ai/me/llama3:8b");
    ok((await theirs("llama3:8b:latest")).reason);
  });
});
