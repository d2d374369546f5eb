/** The pack accepts no pod that the API server's own library refuses under the restricted standard. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { ensureDataFiles, ensureTools } from "../../tools/install";
import { askLibrary, packVerdict, type PodAnswer, type PodQuestion } from "./support/pod-security";
import { MINORS, randomPods } from "./support/random-pods";

const RANDOM_PODS = Number(process.env["RANDOM_PODS"] ?? "100000");
const SEED = Number(process.env["RANDOM_PODS_SEED"] ?? "20260729");

/** Pods that the library refuses and the pack lets pass. */
function missed(questions: readonly PodQuestion[], answers: readonly PodAnswer[]): string[] {
  return questions.flatMap((question, index) => {
    const answer = answers[index];
    if (answer === undefined || answer.allowed || packVerdict(question).length > 0) return [];
    return [`1.${question.minor}: ${answer.reasons.join("; ")}: ${JSON.stringify(question.pod)}`];
  });
}

/** The library's own test pods for one version, those that it must refuse or those that it must let pass. */
function fixtures(folder: string, minor: number, verdict: "pass" | "fail"): PodQuestion[] {
  return ["baseline", "restricted"].flatMap((level) => {
    const place = path.join(folder, level, `v1.${minor}`, verdict);
    return readdirSync(place).map((file): PodQuestion => ({
      minor,
      pod: parse(readFileSync(path.join(place, file), "utf8")) as PodQuestion["pod"],
    }));
  });
}

describe("Pod Security", function () {
  this.timeout(600_000);
  let program = "";
  let folder = "";

  before(async () => {
    program = (await ensureTools(["pod-security-judge"])).path("pod-security-judge");
    folder = (await ensureDataFiles(["pod-security-fixtures"])).get("pod-security-fixtures") ?? "";
  });

  it("refuses every pod that the library's own tests refuse", async () => {
    const questions = MINORS.flatMap((minor) => fixtures(folder, minor, "fail"));
    const answers = await askLibrary(program, questions);
    assert.ok(questions.length > 900, `${questions.length} pods`);
    assert.ok(answers.every(({ allowed }) => !allowed));
    assert.deepEqual(missed(questions, answers), []);
  });

  it("accepts the pods of Linux that the library's own tests accept, but for root and unmasked /proc in a user namespace", async () => {
    const questions = MINORS.flatMap((minor) => fixtures(folder, minor, "pass"))
      .filter(({ pod: { spec } }) => (spec.os as { name?: string } | undefined)?.name !== "windows")
      .filter(({ pod: { spec } }) => spec.hostUsers !== false);
    const answers = await askLibrary(program, questions);
    const refused = questions.flatMap((question, index) => {
      const found = answers[index]?.allowed === true ? packVerdict(question) : [];
      return found.length === 0 ? [] : [`1.${question.minor} ${question.pod.metadata.name}: ${found.join(" ")}`];
    });
    assert.deepEqual(refused, []);
  });

  it("accepts no random pod that the library refuses", async () => {
    const questions = randomPods(RANDOM_PODS, SEED);
    const answers = await askLibrary(program, questions);
    const refused = answers.filter(({ allowed }) => !allowed).length;
    console.log(`      ${questions.length} random pods, ${refused} of which the library refuses`);
    assert.ok(refused > questions.length / 4 && refused < questions.length, `${refused} refused`);
    assert.deepEqual(missed(questions, answers).slice(0, 10), []);
  });
});
