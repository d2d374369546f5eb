import { present } from "./draft";
import type { Report } from "./fault";
import { below } from "./path";

/**
 * Refuses a second item of one name, at the second.
 *
 * @param key Key of the list in the declaration.
 * @param what What the items are, for the message.
 */
export function checkUniqueNames(
  list: readonly ({ name?: string } | undefined)[] | undefined,
  key: "nodePools" | "tenants",
  what: string,
  report: Report,
): void {
  const first = new Map<string, number>();
  for (const { item, index } of present(list)) {
    if (item.name === undefined) continue;
    const other = first.get(item.name);
    if (other === undefined) {
      first.set(item.name, index);
      continue;
    }
    report({
      path: below(key, index)("name"),
      value: item.name,
      restsOn: [below(key, other)("name")],
      problem: `is the name of an earlier ${what} as well`,
      allowed: `a name that no other ${what} has`,
      fix: "rename one of the two, or remove it",
    });
  }
}
