/** The verdict for build servers, as JUnit XML: a suite for each question, an open result is a failure, an inconclusive one an error. */
import { isFailure, QUESTIONS, type Result } from "../result";

/** The results as one XML document. */
export function renderJunit(results: readonly Result[]): string {
  const suites = Object.entries(QUESTIONS).map(([question, text]) =>
    suite(
      text,
      results.filter((result) => result.question === question),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="ollama-platform verify">\n${suites.join("\n")}\n</testsuites>\n`;
}

function suite(name: string, results: readonly Result[]): string {
  const failures = results.filter(isFailure).length;
  const errors = results.filter((result) => !isFailure(result) && result.outcome === "inconclusive").length;
  const head = `  <testsuite name="${escape(name)}" tests="${results.length}" failures="${failures}" errors="${errors}" skipped="0">`;
  return [head, ...results.map(testCase), "  </testsuite>"].join("\n");
}

function testCase(result: Result): string {
  const { id, question, tenant, outcome, found, disagreement, fix } = result;
  const head = `    <testcase classname="${escape(tenant === undefined ? question : `${question}.${tenant}`)}" name="${escape(id)}"`;
  if (outcome === "isolated" && disagreement === undefined) return `${head}/>`;
  const element = isFailure(result) ? "failure" : "error";
  const text = [found, disagreement, fix && `Fix: ${fix}`].filter((part) => part !== undefined).join("\n");
  return `${head}><${element} type="${outcome}" message="${escape(found)}">${escape(text)}</${element}></testcase>`;
}

/** Text as XML may hold it: markup escaped, characters that XML forbids replaced. */
function escape(text: string): string {
  const legal = [...text].map((character) => (isXmlCharacter(character) ? character : "\uFFFD")).join("");
  return legal.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Production 2 of XML 1.0. */
function isXmlCharacter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
}
