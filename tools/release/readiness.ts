import { readFileSync } from "node:fs";
import * as path from "node:path";

/** The packages of the repository, which have one version: the program, the components, the policy pack. */
export const packageFolders = [".", "components", "policy-pack"] as const;

/** The packages that a release publishes. */
export const publishedFolders = ["components", "policy-pack"] as const;

interface Manifest {
  name: string;
  version: string;
}

/** `package.json` of a package of the repository. */
export const manifestOf = (root: string, folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as Manifest;

/**
 * Why the checkout is not the release that a tag names: versions that differ from it, a changelog without its section or with an empty
 * one. One sentence for each fault; none when it can be released.
 *
 * @param root Folder of the checkout.
 * @param tag For example `v1.2.0`. Default: the version of the program's package.json.
 */
export function faultsOfRelease(root: string, tag?: string): string[] {
  const wanted = tag ?? `v${manifestOf(root, ".").version}`;
  if (!/^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(wanted))
    return [`tag ${JSON.stringify(wanted)} is no version; allowed is v<major>.<minor>.<patch>, for example v1.2.0`];
  const version = wanted.slice(1);
  const faults = packageFolders.flatMap((folder) => {
    const manifest = manifestOf(root, folder);
    const file = path.join(folder, "package.json");
    return manifest.version === version
      ? []
      : [`${file}: version is ${manifest.version}, and the tag says ${version}; set it to ${version}`];
  });
  const notes = releaseNotes(readFileSync(path.join(root, "CHANGELOG.md"), "utf8"), version);
  if (notes === undefined)
    faults.push(`CHANGELOG.md: has no section [${version}]; give the section [Unreleased] that name and a date`);
  else if (notes === "") faults.push(`CHANGELOG.md: the section [${version}] is empty; say what changed for users`);
  return faults;
}

/** What the changelog says of a version, without its heading; undefined when it has no section of it. */
export function releaseNotes(changelog: string, version: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  return section?.slice(section.indexOf("\n") + 1).trim();
}
