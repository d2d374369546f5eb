/** The monitor's status page in a real browser, as its server sends it. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "puppeteer-core";

import type { CheckRun } from "../../verifier/monitor/evaluate";
import type { MonitorState } from "../../verifier/monitor/monitor";
import { CHECK_NAMES } from "../../verifier/monitor/metrics";
import { monitorServer } from "../../verifier/monitor/server";
import type { Result } from "../../verifier/result";
import { settings } from "../unit/policy-pack/fixture";
import { startBrowser } from "./browser";
import { overflow } from "./page";

const EVALUATED = new Date("2030-01-01T12:00:00Z");
const HOSTILE = "<img src=x onerror=alert(1)>";
const WIDTHS = { desktop: 1280, phone: 390 };

const result = (id: string, change: Partial<Result>): Result => ({
  id,
  question: "network",
  tenant: "hr",
  tried: "holds live objects against rule network/open-rules",
  outcome: "open",
  found: `NetworkPolicy tenant-hr/${HOSTILE}: spec.ingress[0] lets everybody in, last written by kubectl at 2030-01-01T11:59:58Z`,
  fix: `remove ${"a-very-long-name-without-any-place-to-break-".repeat(3)}`,
  ...change,
});

const WEAKENED: Result[] = [
  result("rules/network/open-rules a", {}),
  result("quotas/tenant-hr/quota", {
    question: "quotas",
    outcome: "inconclusive",
    found: "the cluster does not count pods yet",
  }),
  result("rules/images/pinned b", {
    question: "models",
    found: "an image has no digest",
    accepted: "the rule only advises: for now",
  }),
  result("declared", { question: "namespaces", outcome: "isolated", found: "each is there as declared" }),
];

/** What the server asks; the test changes it while pages are open. */
interface Situation {
  results: Result[];
  why: string[];
}

function stateOf(now: Situation): MonitorState {
  const runs = (): CheckRun[] => [{ check: "rules", results: now.results, decided: true }];
  return {
    declaration: {
      schemaVersion: 1,
      environment: "test",
      name: "monitor-declaration-0123456789",
      settings,
      tenants: [{ name: "hr", namespace: "tenant-hr" }],
      expiries: [],
      objects: [],
    },
    started: EVALUATED,
    evaluation: () => ({ runs: runs(), objects: [], tenantOf: () => undefined }),
    evaluated: () => EVALUATED,
    lastSuccess: () => new Map(CHECK_NAMES.slice(1).map((name) => [name, EVALUATED])),
    isCurrent: () => now.why.length === 0,
    whyNot: () => now.why,
    gaps: () => [{ resource: "pods", ended: EVALUATED, milliseconds: 61_500, changes: 2 }],
    counts: () => ({
      evaluations: 1,
      seconds: 1,
      gaps: 1,
      gapMilliseconds: 61_500,
      missedChanges: 2,
      requests: 3,
      followed: 4,
      reports: 0,
    }),
  };
}

describe("The monitor's page in a browser", function () {
  this.timeout(120_000);
  const now: Situation = { results: [], why: [] };
  let server: Server;
  let browser: Browser | undefined;
  let complaints: string[] = [];

  before("start Chromium and the monitor's server", async function () {
    browser = await startBrowser(this);
    server = monitorServer(stateOf(now)).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(async () => {
    await browser?.close();
    server.close();
    server.closeAllConnections();
  });

  async function open(width: number): Promise<Page> {
    assert.ok(browser);
    const page = await browser.newPage();
    complaints = [];
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    page.on("console", (message) => complaints.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => complaints.push(`error: ${String(error)}`));
    page.on("request", (request) => {
      if (request.url() !== url && !request.url().endsWith("/favicon.ico"))
        complaints.push(`request: ${request.url()}`);
    });
    await page.setViewport({ width, height: 900 });
    await page.goto(url, { waitUntil: "load" });
    return page;
  }
  const verdict = (page: Page) => page.$eval("#verdict", (element) => [element.className, element.textContent ?? ""]);
  /** Texts of the cells of the table below a heading. */
  const rows = (page: Page, heading: string) =>
    page.$$eval(
      "h2",
      (heads, wanted) => {
        const table = heads.find(({ textContent }) => textContent === wanted)?.nextElementSibling;
        return [...(table?.querySelectorAll("tbody tr") ?? [])].map((row) =>
          [...row.querySelectorAll("td")].map(({ textContent }) => textContent ?? ""),
        );
      },
      heading,
    );

  it("says that nothing is open, and since when each check has not succeeded", async () => {
    Object.assign(now, { results: WEAKENED.slice(3), why: [] });
    const page = await open(WIDTHS.desktop);
    assert.deepEqual(await verdict(page), ["isolated", "Nothing is open, as of 2030-01-01T12:00:00.000Z."]);
    const checks = await rows(page, "Checks");
    assert.deepEqual(checks[0], [CHECK_NAMES[0], "never"]);
    assert.deepEqual(await rows(page, "Not seen"), [["pods", "2030-01-01T12:00:00.000Z", "61.5", "2"]]);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("shows what is open, undecided and accepted, names from the cluster as text", async () => {
    Object.assign(now, { results: WEAKENED, why: [] });
    const page = await open(WIDTHS.desktop);
    assert.deepEqual(await verdict(page), ["open", "1 open."]);
    const [found] = await rows(page, "Open");
    assert.equal(found?.[0], "hr");
    assert.ok(found?.[2]?.includes(HOSTILE) && found[2].includes("last written by kubectl"));
    assert.equal((await rows(page, "Not decided")).length, 1);
    assert.equal((await rows(page, "Accepted by the settings"))[0]?.[3], "the rule only advises: for now");
    assert.equal((await page.$$("img, script")).length, 0);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("gives no good news while not everything is known, whatever it knew before", async () => {
    Object.assign(now, { results: WEAKENED.slice(3), why: ["pods: the right to list and watch is missing"] });
    const page = await open(WIDTHS.desktop);
    const [tone, text] = await verdict(page);
    assert.equal(tone, "unknown");
    assert.match(text ?? "", /^Not known: pods: the right to list and watch is missing\./);
    await page.close();
  });

  it("looks again by itself", async () => {
    Object.assign(now, { results: [], why: [] });
    const page = await open(WIDTHS.desktop);
    now.results = WEAKENED;
    await page.waitForFunction(() => document.querySelector("#verdict")?.className === "open", { timeout: 60_000 });
    await page.close();
  });

  for (const [device, width] of Object.entries(WIDTHS))
    it(`fits ${device === "phone" ? "a phone" : "a desktop"} without scrolling sideways`, async () => {
      Object.assign(now, { results: WEAKENED, why: [] });
      const page = await open(width);
      assert.equal(await page.evaluate(overflow), 0);
      await page.close();
    });
});
