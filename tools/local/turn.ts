import { connect } from "node:net";
import { lockAddress, tryLock } from "../local-cluster/lock";

/** Another command works on the local stack; nothing was done. */
export class TurnTakenError extends Error {
  override readonly name = "TurnTakenError";
}

/** How often a turn is asked for that was given back in the moment between asking for it and asking who has it. */
const attempts = 20;
const answerMilliseconds = 3000;

/**
 * Takes the turn to work on the local cluster and its stack, of which there is one each in the folder, until this process ends: an update or a
 * preview beside another update would take what that one has under way for what a dead engine has left.
 *
 * @param directory Folder of the local commands.
 * @param command The command as it is typed, for example `npm run up`.
 * @returns What gives the turn back before the process ends.
 * @throws TurnTakenError that names the command that has the turn.
 */
export async function takeTurn(directory: string, command: string): Promise<() => void> {
  // Elsewhere there is no local cluster, and no lock of this kind.
  if (process.platform !== "linux") return () => undefined;
  const address = lockAddress("commands", directory);
  const self = `\`${command}\` (process ${process.pid}, since ${new Date().toTimeString().slice(0, 8)})`;
  for (let attempt = 1; ; attempt++) {
    const lock = await tryLock(address, self);
    if (lock !== undefined) {
      lock.unref();
      return () => void lock.close();
    }
    const other = await whoHas(address);
    if (other === undefined && attempt < attempts) continue;
    throw new TurnTakenError(
      `${other ?? someCommand} works on the local cluster of this checkout, and nothing was done here; ` +
        "wait until it has ended, or stop it by Ctrl-C in its terminal",
    );
  }
}

const someCommand = "another command";

/** What the process says that has the lock; undefined when nobody has it any more. */
function whoHas(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = "";
    const connection = connect({ path: address });
    const end = (who: string | undefined): void => {
      connection.destroy();
      resolve(who);
    };
    connection.setTimeout(answerMilliseconds, () => end(someCommand));
    connection.setEncoding("utf8").on("data", (part: string) => (text += part));
    connection.once("error", () => end(undefined));
    connection.once("end", () => end(text === "" ? undefined : text));
  });
}
