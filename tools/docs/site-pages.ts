/** The documentation as pages of a site: every page in one folder, with links that lead there or into the repository. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { INDEX, markdownPages } from "./pages";

/** A page of the site. */
export interface SitePage {
  /** Its file in the site's folder. */
  file: string;
  text: string;
}

/** A group of the site's navigation. */
export interface SidebarGroup {
  text: string;
  items: { text: string; link: string }[];
}

/** Where a page of the repository is on the site; READMEs of folders have the folder's name. */
export function siteFile(page: string): string {
  if (page === INDEX) return "index.md";
  if (page === "README.md") return "overview.md";
  const name = page.replace(/^docs\//, "").replace(/\/README\.md$/, ".md");
  return name.toLowerCase();
}

/**
 * The pages of the site.
 *
 * @param repositoryUrl Address of the repository's files at this revision, for links to what is no page; without it those
 * links become plain text.
 */
export function sitePages(root: string, repositoryUrl?: string): SitePage[] {
  const pages = markdownPages(root);
  return pages.map((page) => ({
    file: siteFile(page),
    text: linkOnSite(readFileSync(path.join(root, page), "utf8"), page, pages, repositoryUrl),
  }));
}

/** Groups and links of the index, in its order. */
export function sidebarOf(index: string): SidebarGroup[] {
  return index
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [text = "", ...lines] = section.split("\n");
      const links = [...lines.join("\n").matchAll(/\[([^\]]+)\]\(([^)]+\.md)\)/g)];
      return {
        text,
        items: links.map(([, label = "", target = ""]) => ({ text: sentence(label), link: addressOf(target) })),
      };
    });
}

const addressOf = (target: string): string =>
  `/${siteFile(path.posix.join(path.posix.dirname(INDEX), target)).replace(/\.md$/, "")}`;

const sentence = (label: string): string => label.charAt(0).toUpperCase() + label.slice(1);

/** Lines of code keep what looks like a link. */
function linkOnSite(text: string, page: string, pages: readonly string[], repositoryUrl?: string): string {
  let isCode = false;
  return text
    .split("\n")
    .map((line) => {
      if (line.trim().startsWith("```")) isCode = !isCode;
      if (isCode) return line;
      return line.replace(/(?<picture>!?)\[(?<label>[^\]]*)\]\((?<target>[^)\s]+)\)/g, (link, picture, label, target) =>
        rewritten({ link, picture, label, target }, page, pages, repositoryUrl),
      );
    })
    .join("\n");
}

interface WrittenLink {
  link: string;
  picture: string;
  label: string;
  target: string;
}

function rewritten(written: WrittenLink, page: string, pages: readonly string[], repositoryUrl?: string): string {
  const { link, picture, label, target } = written;
  if (/^([a-z]+:|#)/.test(target)) return link;
  const [file = "", anchor] = target.split("#");
  const leadsTo = path.posix.join(path.posix.dirname(page), file);
  const at = anchor === undefined ? "" : `#${anchor}`;
  if (picture === "!") return `![${label}](${relativeFrom(page, leadsTo.replace(/^docs\//, ""))})`;
  if (pages.includes(leadsTo)) return `[${label}](${relativeFrom(page, siteFile(leadsTo))}${at})`;
  return repositoryUrl === undefined ? label : `[${label}](${repositoryUrl}/${leadsTo}${at})`;
}

/** A path on the site as a page of the site links to it. */
function relativeFrom(page: string, file: string): string {
  const relative = path.posix.relative(path.posix.dirname(siteFile(page)), file);
  return relative.startsWith(".") ? relative : `./${relative}`;
}
