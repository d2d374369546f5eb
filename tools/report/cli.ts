/** `npm run report`: the isolation report of a stack. */
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { loadStackFile } from "../../components/config/load";
import { DeclarationError } from "../../components/spec/fault";
import { ManifestError } from "../../policy-pack/model/from-manifests";
import { PackConfigurationError, type PackSettings } from "../../policy-pack/settings/load";
import { findLiveDrift } from "../../verifier/checks/drift";
import { clusterApi } from "../../verifier/cluster-api";
import { kubeconfigOf, stackFileOf } from "../../verifier/kubeconfig";
import { plannedObjects } from "../../verifier/planned";
import { messageOf } from "../../verifier/result";
import { readSubject } from "../../verifier/verify";
import { repositoryRoot } from "../local/paths";
import { bundleDeclaredMonitor } from "../monitor/bundle";
import { ArgumentsError, parseArguments, type ReportArguments, USAGE } from "./arguments";
import { renderPage } from "./html/page";
import { liveStates } from "./live";
import { renderMarkdown } from "./markdown";
import { buildReport, count, type Previous, type Report } from "./report";
import { stateAt } from "./revision";
import { ReportInputError, settingsIn, settingsOf } from "./settings";
import { judgeExport, judgeManifests, judgeObjects, objectsOf } from "./state";

async function main(argv: string[]): Promise<number> {
  if (argv.includes("--help")) {
    console.log(USAGE);
    return 0;
  }
  try {
    const args = parseArguments(argv);
    const today = new Date().toISOString().slice(0, 10);
    const report = args.live ? await makeLiveReport(args, today) : makeReport(args, today);
    for (const file of write(report, args.output)) console.log(path.relative(process.cwd(), file));
    const broken = report.judgement.violations.length;
    console.log(broken === 0 ? "No rule is broken." : `${count(broken, "violation")}.`);
    return broken === 0 ? 0 : 1;
  } catch (error) {
    if (error instanceof ArgumentsError) console.error(`error: ${error.message}\nhelp: npm run report -- --help`);
    else if (
      error instanceof ReportInputError ||
      error instanceof ManifestError ||
      error instanceof DeclarationError ||
      error instanceof PackConfigurationError
    )
      console.error(`error: ${error.message}`);
    else throw error;
    return 2;
  }
}

/** The pack's settings, with the selection of the command line in place of their own. */
function packSettings({ stack, settings, selection }: ReportArguments): PackSettings {
  const given = settings === undefined ? settingsOf(repositoryRoot, stack) : settingsIn(settings);
  return { ...given, selection: selection ?? given.selection };
}

function makeReport(args: ReportArguments, today: string): Report {
  const { stack, manifests, namespace, against, previous } = args;
  const settings = packSettings(args);
  if (manifests === undefined) bundleDeclaredMonitor(stackFileOf(stack));
  const state =
    manifests === undefined
      ? judgeObjects(objectsOf(repositoryRoot, stack), settings, today)
      : judgeManifests(manifests, namespace, settings, today);
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

async function makeLiveReport(args: ReportArguments, today: string): Promise<Report> {
  const { stack } = args;
  bundleDeclaredMonitor(stackFileOf(stack));
  const declared = plannedObjects(loadStackFile(stackFileOf(stack)));
  const api = clusterApi(kubeconfigOf(args));
  try {
    const subject = await readSubject({ api, settings: packSettings(args), today });
    const { state, previous } = liveStates(subject, declared, await findLiveDrift(subject, declared));
    return buildReport(stack, today, state, previous, api.server);
  } finally {
    api.close();
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

void main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`error: ${messageOf(error)}`);
    process.exitCode = 2;
  },
);
