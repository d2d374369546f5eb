import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { StringDecoder } from "node:string_decoder";

/** A resource as a step finds it, or leaves it. */
export interface StepState {
  /** URN of the resource that it belongs to; empty for the stack. */
  parent?: string;
  inputs?: Record<string, unknown>;
}

/** A step of the engine. */
export interface Step {
  /** `create`, `update`, `delete`, `replace`, `create-replacement`, `delete-replaced`, `same`, `read`, `refresh`, ... */
  op: string;
  urn: string;
  type: string;
  old?: StepState | null;
  new?: StepState | null;
  /** Top-level inputs that differ. */
  diffs?: string[] | null;
  /** Fields that differ, by their paths. */
  detailedDiff?: Record<string, unknown> | null;
}

/** An entry of the engine's event log, as far as it is looked at here (`apitype.EngineEvent` of Pulumi). */
export interface EngineEvent {
  resourcePreEvent?: { metadata: Step };
  resOutputsEvent?: { metadata: Step };
  resOpFailedEvent?: { metadata: Step };
  diagnosticEvent?: { urn?: string; message: string; severity: string; ephemeral?: boolean };
  policyEvent?: { resourceUrn?: string; message: string; policyName: string; enforcementLevel: string };
  summaryEvent?: { durationSeconds: number };
}

/** A reader of an event log that is still written. */
export interface EventReader {
  /** Events that were written since the last call. */
  read(): EngineEvent[];
}

const pieceBytes = 1 << 16;

/** Reads a file of one JSON document a line; a file that is not there yet has none. */
export function eventReader(file: string): EventReader {
  const decoder = new StringDecoder("utf8");
  let position = 0;
  let rest = "";
  return {
    read: () => {
      // A run that begins again, after a preview of its own, begins the file again.
      if (existsSync(file) && statSync(file).size < position) [position, rest] = [0, ""];
      const lines = (rest + readFrom(file, position, decoder, (bytes) => (position += bytes))).split("\n");
      // The last line may be half-written.
      rest = lines.pop() ?? "";
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as EngineEvent);
    },
  };
}

function readFrom(file: string, start: number, decoder: StringDecoder, onBytes: (bytes: number) => void): string {
  if (!existsSync(file)) return "";
  const descriptor = openSync(file, "r");
  try {
    let text = "";
    const end = fstatSync(descriptor).size;
    for (let at = start; at < end;) {
      const piece = Buffer.alloc(Math.min(pieceBytes, end - at));
      const bytes = readSync(descriptor, piece, 0, piece.length, at);
      if (bytes === 0) break;
      text += decoder.write(piece.subarray(0, bytes));
      onBytes(bytes);
      at += bytes;
    }
    return text;
  } finally {
    closeSync(descriptor);
  }
}

/** The event log of one run of the engine, which offers it among its debugging flags only. */
export interface EventLog {
  /** Arguments and environment of the run that writes the log. */
  args: string[];
  environment: NodeJS.ProcessEnv;
  reader: EventReader;
  /** Removes the log: it holds inputs of resources, and secrets in what the program says for debugging. */
  remove(): void;
}

/** Name of the folder of an event log, with the process whose it is. */
const FOLDER = /^ollama-platform-events-(\d+)-/;

/** An event log in a folder of its own that only this user can read. Those of processes that were killed are removed first. */
export function eventLog(): EventLog {
  removeAbandoned();
  const folder = mkdtempSync(path.join(tmpdir(), `ollama-platform-events-${process.pid}-`));
  const file = path.join(folder, "events");
  return {
    args: ["--event-log", file],
    environment: { PULUMI_DEBUG_COMMANDS: "true" },
    reader: eventReader(file),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = FOLDER.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Somebody else's.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
