/**
 * The headless browser that reads the isolation report in tests.
 *
 * Chromium needs some two dozen shared libraries and its sandbox's helper where the system expects them, so it is
 * installed as a Debian package like the rest of what the system must hold, and not unpacked into the cache.
 */
import { ensureDebianPackages, findProgram, isProvided, whyNoInstallation, type DebianPackage } from "../build/debian";
import type { Output } from "../build/progress";
import type { Browser } from "puppeteer-core";

const CHROMIUM: DebianPackage = { name: "chromium", provides: "chromium" };

/** Why this machine can have no browser, or undefined when it has one or may install it. */
export function whyNoBrowser(): string | undefined {
  if (isProvided(CHROMIUM)) return undefined;
  const obstacle = whyNoInstallation();
  return obstacle && `no chromium on this machine, and ${obstacle}`;
}

/**
 * Absolute path of Chromium, installed first where it is missing.
 *
 * @throws ToolError with apt's last lines when it cannot be installed.
 */
export async function provideBrowser(output: Output): Promise<string> {
  await ensureDebianPackages([CHROMIUM], output);
  return findProgram(CHROMIUM.provides);
}

/** Chromium without a window. Its sandbox refuses to run as root; it opens pages of this checkout only, and those reach nothing. */
export async function launchBrowser(output: Output): Promise<Browser> {
  const executablePath = await provideBrowser(output);
  const { launch } = await import("puppeteer-core");
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return launch({ executablePath, headless: true, args: [...sandbox, "--disable-gpu"] });
}
