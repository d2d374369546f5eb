/** Asks the admission judge: the API server's own code on policies and requests, without a cluster. */
import { spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import type { GuardObject } from "../../../components/plan/guard/guard";
import { after, type Act } from "./acts";

/** One policy's no. */
export interface Denial {
  policy: string;
  message: string;
  /** Whether an expression could not be evaluated. */
  error?: boolean;
}

interface Answer {
  denials?: Denial[][];
  error?: string;
}

/** A running judge, which keeps what it has compiled. */
export class Judge {
  private readonly child;
  private readonly lines: Interface;
  private readonly waiting: ((answer: Answer) => void)[] = [];

  constructor(program: string) {
    this.child = spawn(program, [], { stdio: ["pipe", "pipe", "inherit"] });
    this.lines = createInterface({ input: this.child.stdout });
    this.lines.on("line", (line) => this.waiting.shift()?.(JSON.parse(line) as Answer));
  }

  /** Denials of each act, in the order of the acts. Throws when a policy does not compile or cannot be judged. */
  async denials(policies: readonly GuardObject[], acts: readonly Act[]): Promise<Denial[][]> {
    const answer = new Promise<Answer>((resolve) => this.waiting.push(resolve));
    this.child.stdin.write(`${JSON.stringify({ policies, requests: acts.map(requestOf) })}\n`);
    const { denials, error } = await answer;
    if (error !== undefined || denials === undefined) throw new Error(`the judge gave up: ${error}`);
    return denials;
  }

  /** Ends the program. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stdin.end();
    await closed;
  }
}

function requestOf(act: Act): object {
  const [group, version] = split(act.apiVersion);
  const [resourceGroup, resourceVersion] = split(act.resourceVersion ?? act.apiVersion);
  return {
    user: act.who,
    operation: act.operation,
    kind: { Group: group, Version: version, Kind: act.kind },
    resource: { Group: resourceGroup, Version: resourceVersion, Resource: act.resource },
    subresource: act.subresource,
    // The API server takes a Namespace to lie in itself.
    namespace: act.namespace ?? (act.kind === "Namespace" ? act.name : undefined),
    name: act.name,
    object: after(act),
    oldObject: act.before,
  };
}

function split(apiVersion: string): [group: string, version: string] {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return [group ?? "", version ?? ""];
}
