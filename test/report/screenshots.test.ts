/**
 * The pages that the documentation shows: made of the example stacks, opened in a real browser, and taken as pictures.
 * `npm run docs:screenshots` sets UPDATE_SCREENSHOTS, and then the pictures are written into the documentation.
 */
import { strict as assert } from "node:assert";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "puppeteer-core";
import { buildClusterModel } from "../../policy-pack/model/cluster-model";
import { fromLive } from "../../policy-pack/model/from-live";
import { launchBrowser, whyNoBrowser } from "../../tools/browser/browser";
import { renderPage as renderReport } from "../../tools/report/html/page";
import { buildReport } from "../../tools/report/report";
import { settingsOf } from "../../tools/report/settings";
import { judgeObjects, objectsOf } from "../../tools/report/state";
import { repositoryRoot } from "../../tools/local/paths";
import { rulesCheck } from "../../verifier/checks/rules";
import type { Subject } from "../../verifier/checks/check";
import { renderPage as renderVerdict } from "../../verifier/formats/page";
import { CHECK_NAMES } from "../../verifier/monitor/metrics";
import type { MonitorState } from "../../verifier/monitor/monitor";
import { renderPage as renderMonitor } from "../../verifier/monitor/page";
import { summarize, type Result } from "../../verifier/result";
import { scratchDirectory } from "../support/environment";
import { overflow } from "./page";

const STACK = "prod";
const IMAGES = path.join(repositoryRoot, "docs", "images");
/** A picture in a page of text: wide enough to read, small enough for a repository. */
const WINDOW = { width: 1000, height: 760 };
const LARGEST = 200 * 1024;
/** Pictures show no date that changes with every run. */
const DAY = "2026-01-15";

/** What someone opened by hand: every pod may call those of a tenant. */
const OPENED = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "try-something", namespace: "tenant-hr" },
  spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
};

const settings = settingsOf(repositoryRoot, STACK);
const declared = objectsOf(repositoryRoot, STACK);
const report = buildReport(STACK, DAY, judgeObjects(declared, settings, DAY));

/** What the rules say of objects as if they lived in a cluster. */
async function verdictOn(objects: unknown[]): Promise<Result[]> {
  const model = buildClusterModel(fromLive(objects), settings.configuration);
  const live = { objects, resources: [], unreadable: [] };
  return rulesCheck.run({ live, model, settings, today: DAY } as unknown as Subject);
}

/** The monitor after one evaluation. */
function monitorWith(results: Result[]): MonitorState {
  const now = new Date(`${DAY}T09:30:00Z`);
  return {
    declaration: { environment: STACK },
    started: now,
    evaluation: () => ({ runs: [{ check: "rules", results, decided: true }], objects: [], tenantOf: () => undefined }),
    evaluated: () => now,
    lastSuccess: () => new Map(CHECK_NAMES.map((check) => [check, now])),
    isCurrent: () => true,
    whyNot: () => [],
    gaps: () => [],
    counts: () => ({ evaluations: 1 }),
  } as unknown as MonitorState;
}

/** Each picture's page, as the product makes it. */
const PAGES: Record<string, () => Promise<string>> = {
  report: () => Promise.resolve(renderReport(report)),
  verification: async () => {
    const results = await verdictOn(declared);
    const asked = { server: "https://203.0.113.10:6443", started: DAY, ended: DAY };
    return renderVerdict(results, summarize(results, {}), { ...asked, stack: STACK, reach: report.reach });
  },
  monitor: async () => renderMonitor(monitorWith(await verdictOn([...declared, OPENED]))),
};

describe("Pages that the documentation shows", function () {
  this.timeout(120_000);
  const scratch = scratchDirectory("screenshots");
  let browser: Browser | undefined;

  before("start Chromium", async function () {
    const obstacle = whyNoBrowser();
    if (obstacle !== undefined) {
      console.log(`    skipped: ${obstacle}`);
      this.skip();
    }
    this.timeout(600_000);
    browser = await launchBrowser(process.stderr);
  });
  after("stop it", async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  for (const [name, render] of Object.entries(PAGES))
    it(`fit their window, complain of nothing, and have a small picture: ${name}`, async () => {
      assert.ok(browser);
      const file = path.join(scratch, `${name}.html`);
      writeFileSync(file, await render());
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.setViewport(WINDOW);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
      await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
      assert.deepEqual(complaints, []);
      assert.equal(await page.evaluate(overflow), 0, "the page scrolls sideways");
      const picture = await page.screenshot({ type: "png" });
      if (process.env["UPDATE_SCREENSHOTS"] === "1") {
        mkdirSync(IMAGES, { recursive: true });
        writeFileSync(path.join(IMAGES, `${name}.png`), picture);
      }
      assert.ok(statSync(path.join(IMAGES, `${name}.png`)).size < LARGEST);
      await page.close();
    });
});
