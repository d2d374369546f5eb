import { DeclarationError } from "../spec/fault";
import { quoteNames } from "../spec/suggest";

/**
 * Refuses an update in which tenants go and others come: a tenant under a new name is another tenant to the cluster.
 * Its namespace, its keys and its store would be deleted while its clients still use them.
 *
 * @param source What the declared tenants come from, for the message.
 * @param declared Names of the tenants in this update.
 * @param deployed Names of the tenants after the last update; empty before the first.
 * @throws DeclarationError when some have gone and others have come.
 */
export function checkNoRename(source: string, declared: readonly string[], deployed: readonly string[]): void {
  const come = declared.filter((name) => !deployed.includes(name));
  const gone = deployed.filter((name) => !declared.includes(name));
  if (come.length === 0 || gone.length === 0) return;
  throw new DeclarationError([
    {
      file: source,
      path: "",
      value: `${quoteNames(come)} new, ${quoteNames(gone)} removed`,
      problem: "a tenant cannot be renamed: its namespace, its clients' keys and its models go with the old name",
      allowed: "an update that adds tenants, or one that removes tenants",
      fix:
        `keep the file of ${quoteNames(gone)} beside that of ${quoteNames(come)} and update; when the clients use the new tenant, ` +
        "remove the old file and update again",
    },
  ]);
}
