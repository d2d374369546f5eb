/** `npm run report`: the isolation report of a stack. */
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { DeclarationError } from "../../components/spec/fault";
import { PackConfigurationError } from "../../policy-pack/settings/load";
import { repositoryRoot } from "../local/paths";
import { ArgumentsError, parseArguments, type ReportArguments, USAGE } from "./arguments";
import { renderPage } from "./html/page";
import { renderMarkdown } from "./markdown";
import { buildReport, count, type Previous, type Report } from "./report";
import { stateAt } from "./revision";
import { judgeExport, judgeObjects, objectsOf, ReportInputError, settingsOf } from "./state";

function main(argv: string[]): number {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const args = parseArguments(argv);
    const report = makeReport(args, new Date().toISOString().slice(0, 10));
    for (const file of write(report, args.output)) console.log(path.relative(process.cwd(), file));
    const broken = report.judgement.violations.length;
    console.log(broken === 0 ? "No rule is broken." : `${count(broken, "violation")}.`);
    return broken === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof ArgumentsError) console.error(`error: ${error.message}\nhelp: npm run report -- --help`);
    else if (
      error instanceof ReportInputError ||
      error instanceof DeclarationError ||
      error instanceof PackConfigurationError
    )
      console.error(`error: ${error.message}`);
    else throw error;
    return 2;
  }
}

function makeReport({ stack, against, previous }: ReportArguments, today: string): Report {
  const settings = settingsOf(repositoryRoot, stack);
  const state = judgeObjects(objectsOf(repositoryRoot, stack), settings, today);
  return buildReport(stack, today, state, previousState());

  function previousState(): Previous | undefined {
    if (previous !== undefined)
      return { name: "the exported state", state: judgeExport(previous, settings, today), fromEngine: true };
    if (against === undefined) return undefined;
    const old = stateAt(against, stack);
    if (old.objects === undefined) return undefined;
    return { name: `revision ${against}`, state: judgeObjects(old.objects, old.settings ?? settings, today) };
  }
}

function write(report: Report, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const files: [string, string][] = [
    [path.join(folder, `${report.stack}.html`), renderPage(report)],
    [path.join(folder, `${report.stack}.md`), renderMarkdown(report)],
  ];
  for (const [file, content] of files) writeFileSync(file, content);
  return files.map(([file]) => file);
}

process.exitCode = main(process.argv.slice(2));
