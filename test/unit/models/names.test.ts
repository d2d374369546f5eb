import assert from "node:assert/strict";
import fc from "fast-check";
import { displayName, ModelNameError, ModelNameReason, parseModelName } from "../../../components/models/names";
import { vectors } from "../../../components/models/names.vectors.json";

interface Vector {
  input: string;
  canonical?: string;
  reason?: string;
}

function outcome(raw: string): string {
  try {
    return parseModelName(raw).canonical;
  } catch (error) {
    assert.ok(error instanceof ModelNameError);
    return `refused: ${error.reason}`;
  }
}

describe("model names", () => {
  it("follow the table of vectors", () => {
    assert.ok(vectors.length >= 150);
    const expected = (vectors as Vector[]).map(({ input, canonical, reason }) => [
      input,
      canonical ?? `refused: ${reason}`,
    ]);
    const actual = (vectors as Vector[]).map(({ input }) => [input, outcome(input)]);
    assert.deepEqual(actual, expected);
  });

  it("have a vector for each reason", () => {
    const reasons = new Set((vectors as Vector[]).flatMap(({ reason }) => reason ?? []));
    assert.deepEqual([...reasons].sort(), Object.values(ModelNameReason).sort());
  });

  it("resolve to parts in lower case and keep the spelling for the registry", () => {
    assert.deepEqual(parseModelName(" HF.co/Bartowski/Llama-3.2-GGUF:Q4_K_M "), {
      host: "hf.co",
      namespace: "bartowski",
      model: "llama-3.2-gguf",
      tag: "q4_k_m",
      canonical: "hf.co/bartowski/llama-3.2-gguf:q4_k_m",
      reference: "HF.co/Bartowski/Llama-3.2-GGUF:Q4_K_M",
    });
  });

  it("are shown without the defaults, but always with the tag", () => {
    const shown = [
      "llama3",
      "me/llama3:8b",
      "registry.example.com:5000/library/llama3",
      "registry.ollama.ai/library/x:y",
    ];
    assert.deepEqual(
      shown.map((name) => displayName(parseModelName(name))),
      ["llama3:latest", "me/llama3:8b", "registry.example.com:5000/library/llama3:latest", "x:y"],
    );
  });

  it("explain a refusal with the text, shortened, and what to write", () => {
    assert.throws(
      () => parseModelName("x".repeat(5000)),
      (error: Error) => error.message.length < 400,
    );
    assert.throws(() => parseModelName("llama3@sha256:00"), /"llama3@sha256:00" has a digest.*pin the digest/);
  });

  const part = fc.constantFrom(
    ..."a B 8b : / . - _ @ :// local LOCAL cloud -cloud :local :cloud registry.ollama.ai library latest é \u00a0 \u3000 \u0085 \ufeff \ud83e".split(
      " ",
    ),
    " ",
    "\t",
    "\u0000",
    "n".repeat(80),
  );
  const raw = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(part, { maxLength: 9 }).map((parts) => parts.join("")),
  );

  it("are total: any text resolves or is refused with a reason", () => {
    fc.assert(
      fc.property(raw, (text) => {
        outcome(text);
      }),
      { numRuns: 2000 },
    );
  });

  it("are stable: a canonical or shown name resolves to itself, and case and blanks do not matter", () => {
    const name = fc
      .tuple(
        fc.option(fc.stringMatching(/^[a-z0-9_][A-Za-z0-9_.-]{0,10}(:[0-9]{1,4})?$/)),
        fc.stringMatching(/^[a-z0-9_][A-Za-z0-9_-]{0,10}$/),
        fc.stringMatching(/^[A-Z0-9_][A-Za-z0-9_.-]{0,10}$/),
        fc.stringMatching(/^[a-z0-9_][A-Za-z0-9_.-]{0,10}$/),
      )
      .filter(([, , , tag]) => !/^(local|cloud)$|-cloud$/i.test(tag))
      .map(([host, namespace, model, tag]) => `${host === null ? "" : `${host}/`}${namespace}/${model}:${tag}`);
    fc.assert(
      fc.property(name, (text) => {
        const resolved = parseModelName(text);
        assert.deepEqual(parseModelName(resolved.canonical), { ...resolved, reference: resolved.canonical });
        for (const same of [
          displayName(resolved),
          text.toUpperCase(),
          `\u3000${text}\n`,
          `${text}: Local `,
          resolved.reference,
        ]) {
          assert.equal(parseModelName(same).canonical, resolved.canonical);
        }
      }),
    );
  });

  it("never resolve to a name that would leave the cluster or change again", () => {
    fc.assert(
      fc.property(raw, (text) => {
        const resolved = outcome(text);
        if (resolved.startsWith("refused")) return;
        assert.equal(outcome(resolved), resolved);
        assert.match(
          resolved,
          /^[a-z0-9_][a-z0-9_.:-]*\/[a-z0-9_][a-z0-9_-]*\/[a-z0-9_][a-z0-9_.-]*:[a-z0-9_][a-z0-9_.-]*$/,
        );
        assert.doesNotMatch(resolved, /:(local|cloud)$|:[^/]*-cloud$/);
      }),
      { numRuns: 2000 },
    );
  });
});
