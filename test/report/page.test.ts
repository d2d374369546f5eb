/** The isolation report in a real browser: the command writes the page, and Chromium reads it. */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "puppeteer-core";
import { launchBrowser, whyNoBrowser } from "../../tools/browser/browser";
import { repositoryRoot } from "../../tools/local/paths";
import { renderPage } from "../../tools/report/html/page";
import { buildReport, type Report } from "../../tools/report/report";
import { settingsOf } from "../../tools/report/settings";
import { judgeObjects, objectsOf } from "../../tools/report/state";
import { scratchDirectory } from "../support/environment";
import { renderPage as renderVerdict } from "../../verifier/formats/page";
import { QUESTIONS, summarize, type Question, type Result } from "../../verifier/result";
import { cutCells, matrix, overflow, overlapping, pieces, sticksOut, textsOutsideBoxes } from "./page";

const run = promisify(execFile);
const STACKS = ["dev", "prod"];
const WIDTHS = { desktop: 1280, phone: 390 };
/** Width of A4 across less margins of 12 mm, in the 96ths of an inch that a browser lays out by. */
const PAPER = 1031;
const TODAY = new Date().toISOString().slice(0, 10);

describe("The report's page in a browser", function () {
  this.timeout(120_000);
  const scratch = scratchDirectory("report");
  let browser: Browser | undefined;
  /** What pages printed on the console, threw, or asked for beside themselves. */
  let complaints: string[] = [];

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

  async function open(file: string, width: number, scheme: "light" | "dark" = "light"): Promise<Page> {
    assert.ok(browser);
    const page = await browser.newPage();
    complaints = [];
    const url = pathToFileURL(file).href;
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${String(error)}`));
    page.on("request", (request) => {
      if (request.url() !== url) complaints.push(`request: ${request.url()}`);
    });
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(url, { waitUntil: "load" });
    return page;
  }

  /** Faults of layout, whatever the content. */
  async function assertLaidOut(page: Page): Promise<void> {
    assert.deepEqual(complaints, []);
    assert.equal(await page.evaluate(overflow), 0, "the page scrolls sideways");
    assert.deepEqual(await page.evaluate(sticksOut), []);
    for (const selector of ["svg.graph .box", "svg.graph text", ".card", ".row > *", "main > *"])
      assert.deepEqual(overlapping(await page.evaluate(pieces, selector)), [], `${selector} overlap`);
    assert.deepEqual(await page.evaluate(textsOutsideBoxes), []);
    assert.deepEqual(await page.evaluate(cutCells), []);
  }

  describe("of a verification", () => {
    const file = path.join(scratch, "verdict.html");
    const tried = "opens TCP 8080 of a pod of tenant-finance by its address from a pod of tenant-hr";
    const results = Object.keys(QUESTIONS).flatMap((question): Result[] => {
      const base = { question: question as Question, tenant: "hr", tried };
      return [
        { ...base, id: `traffic/${question}`, outcome: "isolated", found: "refused (ECONNREFUSED)" },
        {
          ...base,
          id: `rights/${question}`,
          outcome: "open",
          found: "answered",
          disagreement: "closed",
          fix: "mend it",
        },
        { ...base, id: `admission/tenant-hr/${question}`, outcome: "inconclusive", found: `x${"-long".repeat(60)}` },
      ];
    });

    before("write it", () => {
      const asked = { server: "https://cluster.invalid", started: TODAY, ended: TODAY };
      writeFileSync(
        file,
        renderVerdict(results, summarize(results, {}), { ...asked, stack: "dev", reach: reportOf("dev").reach }),
      );
    });

    for (const [device, width] of Object.entries(WIDTHS))
      it(`asks for nothing, complains of nothing and overlaps nowhere at the width of a ${device}`, async () => {
        const page = await open(file, width);
        await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
        await assertLaidOut(page);
        await page.close();
      });

    it("shows every question, every result that is no pass, and the benchmark's 25 checks", async () => {
      const page = await open(file, WIDTHS.desktop);
      const rows = (heading: string) =>
        page.$$eval(`${heading} ~ .scroll`, ([table]) => table?.querySelectorAll("tbody tr").length);
      assert.equal(await rows("#questions"), Object.keys(QUESTIONS).length);
      assert.equal(await rows("#benchmark"), 25);
      assert.equal(await page.$$eval("#troubles ~ ul.findings li", (items) => items.length), 16);
      await page.close();
    });
  });

  for (const stack of STACKS) {
    describe(`of the ${stack} stack`, () => {
      const file = path.join(scratch, `${stack}.html`);

      before("write it", async () => {
        const command = [path.join(repositoryRoot, "tools", "report", "cli.ts"), "--stack", stack, "--output", scratch];
        await run(process.execPath, ["-r", "ts-node/register/transpile-only", ...command], { cwd: repositoryRoot });
      });

      for (const [device, width] of Object.entries(WIDTHS)) {
        it(`asks for nothing, complains of nothing and overlaps nowhere at the width of a ${device}`, async () => {
          const page = await open(file, width);
          await page.$$eval("details", (all) => all.forEach((details) => (details.open = true)));
          await assertLaidOut(page);
          await page.close();
        });
      }

      it("shows in each cell what the analysis says", async () => {
        const { reach } = reportOf(stack);
        const page = await open(file, WIDTHS.desktop);
        const [header, ...rows] = await page.evaluate(matrix);
        assert.deepEqual(
          header?.slice(1),
          reach.targets.map(({ id }) => id),
        );
        assert.deepEqual(
          rows.map(([from]) => from),
          reach.sources.map(({ id }) => id),
        );
        for (const [index, from] of reach.sources.entries())
          for (const [column, to] of reach.targets.entries())
            assert.equal(
              rows[index]?.[column + 1],
              expectedCell(reach, from.id, to.id),
              `the cell from ${from.id} to ${to.id}`,
            );
        await page.close();
      });

      it("reads the same without scripts", async () => {
        const page = await open(file, WIDTHS.desktop);
        const text = () => page.$eval("body", ({ innerText }) => innerText);
        const withScripts = await text();
        await page.setJavaScriptEnabled(false);
        await page.reload();
        assert.equal(await text(), withScripts);
        await page.close();
      });

      it("is dark for readers who prefer it, and light on paper", async () => {
        const page = await open(file, WIDTHS.desktop, "dark");
        const background = () => page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
        assert.equal(await background(), "rgb(13, 17, 23)");
        await page.emulateMediaFeatures([]);
        await page.emulateMediaType("print");
        assert.equal(await background(), "rgb(255, 255, 255)");
        await page.close();
      });

      it("prints every rule, and no table beyond the paper", async () => {
        const page = await open(file, PAPER);
        await page.emulateMediaType("print");
        assert.equal(await page.evaluate(overflow), 0);
        const shown = await page.$$eval("#rules ~ details tbody tr", (rows) =>
          rows.map((row) => row.checkVisibility()),
        );
        assert.deepEqual(shown, Array<boolean>(reportOf(stack).rules.length).fill(true));
        const outside = (await page.evaluate(pieces, "table, svg")).filter(({ right }) => right > PAPER);
        assert.deepEqual(outside, []);
        assert.deepEqual(await page.evaluate(cutCells), []);
        await page.close();
      });
    });
  }

  it("keeps long names in their boxes, and draws a connection between tenants", async () => {
    const file = path.join(scratch, "long.html");
    writeFileSync(file, renderPage(withLongNames(reportOf("prod"))));
    for (const width of Object.values(WIDTHS)) {
      const page = await open(file, width);
      await assertLaidOut(page);
      const colour = await page.$eval("svg .edge.cross", (edge) => getComputedStyle(edge).stroke);
      assert.equal(colour, "rgb(164, 14, 38)");
      await page.close();
    }
  });
});

function reportOf(stack: string): Report {
  const settings = settingsOf(repositoryRoot, stack);
  return buildReport(stack, TODAY, judgeObjects(objectsOf(repositoryRoot, stack), settings, TODAY));
}

/** What the reader is to see of the connections between two places. */
function expectedCell({ sources, targets, connections }: Report["reach"], from: string, to: string): string {
  const fenced = [...sources, ...targets].filter(({ kind }) => kind === "tenant" || kind === "platform");
  if (!fenced.some(({ id }) => id === from || id === to)) return "–";
  const open = connections.find((connection) => connection.from === from && connection.to === to);
  return open === undefined ? "closed" : `${open.ports}${open.hypothetical ? " *" : ""}`;
}

/** The report with names as long as Kubernetes allows, and a connection that must not be. */
function withLongNames(report: Report): Report {
  const long = (id: string) => `${id}-`.padEnd(63, "department-");
  const { sources, targets, connections } = report.reach;
  const renamed = connections.map((one) => ({ ...one, from: long(one.from), to: long(one.to) }));
  const [one, other] = sources.map(({ id }) => long(id));
  const crossing = { from: one ?? "", to: other ?? "", ports: "TCP 11434", crossTenant: true, hypothetical: false };
  return {
    ...report,
    reach: {
      sources: sources.map((place) => ({ ...place, id: long(place.id) })),
      targets: targets.map((place) => ({ ...place, id: long(place.id) })),
      connections: [...renamed, crossing],
    },
  };
}
