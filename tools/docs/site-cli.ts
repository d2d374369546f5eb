/** `npm run docs:site`: builds the documentation as a site in `docs/site/dist`, with a search that needs no server. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { runCommand } from "../commands/context";
import { repositoryRoot } from "../local/paths";
import { INDEX } from "./pages";
import { sidebarOf, sitePages } from "./site-pages";

const USAGE = `usage: npm run docs:site

Builds the documentation as a site in docs/site/dist. Its generator is installed there, apart from the rest.

  REPOSITORY_URL   address of the repository, for links to its files
  REVISION         revision that those links name; default: main
  SITE_BASE        path that the site is served below; default: /`;

const site = path.join(repositoryRoot, "docs", "site");

async function main(): Promise<void> {
  if (process.argv.includes("--help")) return console.log(USAGE);
  writePages();
  if (!existsSync(path.join(site, "node_modules", "vitepress")))
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: site, stdio: "inherit" });
  execFileSync("npm", ["run", "--silent", "build"], { cwd: site, stdio: "inherit" });
  console.log("docs/site/dist");
}

/** The folder that the generator reads. */
function writePages(): void {
  const { REPOSITORY_URL: repository, REVISION: revision = "main" } = process.env;
  const folder = path.join(site, "pages");
  rmSync(folder, { recursive: true, force: true });
  for (const { file, text } of sitePages(repositoryRoot, repository && `${repository}/blob/${revision}`)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  cpSync(path.join(repositoryRoot, "docs", "images"), path.join(folder, "images"), { recursive: true });
  const sidebar = sidebarOf(readFileSync(path.join(repositoryRoot, INDEX), "utf8"));
  writeFileSync(path.join(folder, "sidebar.json"), `${JSON.stringify(sidebar, undefined, 2)}\n`);
}

runCommand(main);
