/** Chromium for tests. */
import type { Browser } from "puppeteer-core";
import { launchBrowser, whyNoBrowser } from "../../tools/browser/browser";

/** Starts it; skips the tests, with a line that says why, where the machine can have none. */
export async function startBrowser(test: Mocha.Context): Promise<Browser> {
  const obstacle = whyNoBrowser();
  if (obstacle !== undefined) {
    console.log(`    skipped: ${obstacle}`);
    test.skip();
  }
  test.timeout(600_000);
  return launchBrowser(process.stderr);
}
