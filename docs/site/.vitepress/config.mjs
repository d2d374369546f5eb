// The pages and the navigation are written by `npm run docs:site`, from docs/README.md and the pages that it lists.
import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";

const sidebar = JSON.parse(readFileSync(new URL("../pages/sidebar.json", import.meta.url), "utf8"));

/** The anchors that GitHub makes, so that links work on both. */
const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number} _-]/gu, "")
    .replaceAll(" ", "-");

export default defineConfig({
  title: "ollama-platform",
  description: "One Ollama service for many departments, isolated from each other, on Kubernetes",
  lang: "en-GB",
  base: process.env.SITE_BASE ?? "/",
  srcDir: "pages",
  outDir: "dist",
  cleanUrls: true,
  // Placeholders such as <name> are text, not elements.
  markdown: { html: false, anchor: { slugify } },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    ...(process.env.REPOSITORY_URL && { socialLinks: [{ icon: "github", link: process.env.REPOSITORY_URL }] }),
  },
});
