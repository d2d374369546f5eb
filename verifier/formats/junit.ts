/**
 * The verdict for build servers, as JUnit XML: a suite for each question, an open result is a failure, an inconclusive
 * one an error, an accepted one skipped.
 */
import { isFailure, isNoPass, QUESTIONS, type Result } from "../result";

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
  const elements = results.map(elementOf);
  const number = (element: string): number => elements.filter((one) => one === element).length;
  const head = `  <testsuite name="${escape(name)}" tests="${results.length}" failures="${number("failure")}" errors="${number("error")}" skipped="${number("skipped")}">`;
  return [head, ...results.map(testCase), "  </testsuite>"].join("\n");
}

/** How JUnit names what is no pass; undefined for a pass. */
function elementOf(result: Result): "failure" | "error" | "skipped" | undefined {
  if (!isNoPass(result)) return undefined;
  if (isFailure(result)) return "failure";
  return result.accepted === undefined ? "error" : "skipped";
}

function testCase(result: Result): string {
  const { id, question, tenant, outcome, found, disagreement, accepted, fix } = result;
  const head = `    <testcase classname="${escape(tenant === undefined ? question : `${question}.${tenant}`)}" name="${escape(id)}"`;
  const element = elementOf(result);
  if (element === undefined) return `${head}/>`;
  if (element === "skipped")
    return `${head}><skipped message="${escape(`${found} (accepted: ${accepted})`)}"/></testcase>`;
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
