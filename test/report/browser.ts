/** Chromium for tests. */
import type { Browser } from "puppeteer-core";
import { provideBrowser, whyNoBrowser } from "../../tools/browser/browser";

/** Starts it; skips the tests, with a line that says why, where the machine can have none. */
export async function startBrowser(test: Mocha.Context): Promise<Browser> {
  const obstacle = whyNoBrowser();
  if (obstacle !== undefined) {
    console.log(`    skipped: ${obstacle}`);
    test.skip();
  }
  test.timeout(600_000);
  const executablePath = await provideBrowser(process.stderr);
  const { launch } = await import("puppeteer-core");
  // The sandbox of Chromium refuses to run as root; it opens pages of this checkout only, and those reach nothing.
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return launch({ executablePath, headless: true, args: [...sandbox, "--disable-gpu"] });
}
