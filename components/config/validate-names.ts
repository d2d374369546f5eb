import type { Declared } from "../spec/declared";
import { present } from "../spec/draft";
import type { Report } from "../spec/fault";

/** Checks that no two tenants and no two node pools have one name. */
export function validateNames({ spec: { nodePools, tenants } }: Declared, report: Report): void {
  for (const [key, what, list] of [
    ["nodePools", "node pool", nodePools],
    ["tenants", "tenant", tenants],
  ] as const) {
    const first = new Map<string, number>();
    for (const { item, index } of present<{ name?: string }>(list)) {
      if (item.name === undefined) continue;
      const other = first.get(item.name);
      if (other === undefined) first.set(item.name, index);
      else {
        report({
          path: [key, index, "name"],
          value: item.name,
          restsOn: [[key, other, "name"]],
          problem: `is the name of an earlier ${what} as well`,
          allowed: `a name that no other ${what} has`,
          fix: "rename one of the two, or remove it",
        });
      }
    }
  }
}
