/** A real API server with its controllers, as the trials of the pack's reasons speak to it. */
import assert from "node:assert/strict";
import { Agent, request } from "node:https";
import { rmSync } from "node:fs";
import * as path from "node:path";
import { ensureTools } from "../../../tools/install";
import { readCredential } from "../../../tools/local-cluster/certificates";
import { localClusterTools, resetCluster, startCluster } from "../../../tools/local-cluster/cluster";
import { readIfPresent } from "../../../tools/local-cluster/files";
import { clusterLayout } from "../../../tools/local-cluster/layout";
import { authorities } from "../../../tools/local-cluster/pki";
import { scratchDirectory } from "../../support/environment";
import { eventually } from "../../support/wait";
import { collectionOf, type Loose, pathOf } from "./objects";

/** What the API server answers. */
export interface Answer {
  status: number;
  body: Loose;
  headers: Record<string, string | string[] | undefined>;
}

/** Someone other than the administrator. */
export interface Caller {
  user: string;
  groups?: readonly string[];
}

/** What someone asks to do, in the words of a SubjectAccessReview. */
export interface Question {
  verb: string;
  group?: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

/** Answers of admission plug-ins that have not yet learned of what was made a moment ago. */
const NOT_YET = /not found|status unknown for quota|no PriorityClass/;

/** Longest time that a controller may take, in seconds; a busy machine makes it wait. */
const PATIENCE = 90;

/** The API server under trial. */
export class Server {
  private readonly agent: Agent;
  private namespaces = 0;

  private constructor(
    private readonly url: string,
    private readonly directory: string,
    tls: { ca?: string; cert: string; key: string },
  ) {
    this.agent = new Agent({ keepAlive: true, ...tls });
  }

  /** Starts a cluster with simulated nodes. */
  static async start(): Promise<Server> {
    const tools = await ensureTools(localClusterTools);
    const scratch = scratchDirectory("claims");
    const directory = path.join(scratch, "cluster");
    const layout = clusterLayout(directory);
    const { server } = await startCluster({ directory, tools });
    const { certificate: cert, key } = readCredential(layout, "admin");
    return new Server(server, directory, { ca: readIfPresent(layout.certificate(authorities.cluster)), cert, key });
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await resetCluster({ directory: this.directory });
    rmSync(path.dirname(this.directory), { recursive: true, force: true });
  }

  /** Sends one request as the administrator, or as whom the administrator impersonates. */
  send(method: string, target: string, body?: unknown, caller?: Caller): Promise<Answer> {
    const headers: Record<string, string | string[]> = {
      "content-type": method === "PATCH" ? "application/merge-patch+json" : "application/json",
    };
    if (caller !== undefined) {
      headers["impersonate-user"] = caller.user;
      if (caller.groups !== undefined) headers["impersonate-group"] = [...caller.groups];
    }
    return new Promise((resolve, reject) => {
      const outgoing = request(this.url + target, { method, headers, agent: this.agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: parse(text), headers: response.headers }),
        );
      });
      outgoing.once("error", reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Makes a namespace for one trial, with labels; returns its name. */
  async namespace(labels: Record<string, string> = {}): Promise<string> {
    const name = `trial-${++this.namespaces}`;
    await this.make({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    // Without its default account, which a controller makes, every pod would be refused.
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    await this.until(`${account} to be there`, async () => (await this.send("GET", account)).status === 200);
    return name;
  }

  /** Creates an object; the answer, whatever it is. */
  create(object: Loose, caller?: Caller): Promise<Answer> {
    return this.send("POST", collectionOf(object), object, caller);
  }

  /** Asks whether an object would be created, and creates nothing. */
  ask(object: Loose, caller?: Caller): Promise<Answer> {
    return this.send("POST", `${collectionOf(object)}?dryRun=All`, object, caller);
  }

  /** Creates an object, which must be taken; returns it as it is stored. */
  async make(object: Loose, caller?: Caller): Promise<Loose> {
    return eventually(`${object.kind} ${object.metadata?.name} to be taken`, PATIENCE, async () => {
      const { status, body } = await this.create(object, caller);
      if (status < 300) return body;
      if (status === 403 && NOT_YET.test(body.message)) return undefined;
      assert.fail(`${status} ${body.message}`);
    });
  }

  /** The object as the API server would store it; fails where it goes on refusing. It may learn a moment later of what was made. */
  admits(object: Loose, caller?: Caller): Promise<Loose> {
    return eventually(`${object.kind} to be admitted`, PATIENCE, async () => {
      const { status, body } = await this.ask(object, caller);
      if (status >= 300) throw new Error(`is refused: ${body.message}`);
      return body;
    });
  }

  /** Fails unless the API server refuses the object for that reason, or comes to when it has learned of what was made. */
  async refuses(object: Loose, reason: RegExp, caller?: Caller): Promise<void> {
    await eventually(`${object.kind} to be refused`, PATIENCE, async () => {
      const { status, body } = await this.ask(object, caller);
      if (status < 300) throw new Error("is admitted");
      if (!reason.test(String(body.message))) throw new Error(`is refused: ${body.message}`);
      return true;
    });
  }

  /** Merges a change into an object or one of its subresources. */
  patch(object: Loose, change: Loose, subresource = "", caller?: Caller): Promise<Answer> {
    return this.send("PATCH", pathOf(object) + subresource, change, caller);
  }

  /** The object as it is stored now. */
  async read(object: Loose): Promise<Loose> {
    const { status, body } = await this.send("GET", pathOf(object));
    assert.equal(status, 200, body.message);
    return body;
  }

  /** Waits until the stored object satisfies the condition; returns it. */
  becomes(object: Loose, what: string, condition: (stored: Loose) => boolean): Promise<Loose> {
    return eventually(`${object.kind} ${object.metadata.name}: ${what}`, PATIENCE, async () => {
      const stored = await this.read(object);
      return condition(stored) ? stored : undefined;
    });
  }

  /** Waits until the probe answers yes. */
  async until(what: string, probe: () => Promise<boolean>): Promise<void> {
    await eventually(what, PATIENCE, async () => ((await probe()) ? true : undefined));
  }

  /** Whether the authorizer lets someone do something. */
  async may({ user, groups }: Caller, { subresource, ...attributes }: Question): Promise<boolean> {
    const resourceAttributes = { ...attributes, subresource };
    const review = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user, groups, resourceAttributes },
    };
    const { body } = await this.send("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review);
    return body.status.allowed === true;
  }

  /** Waits until the authorizer, which learns of bindings a moment later, lets someone do something. */
  granted(caller: Caller, question: Question): Promise<void> {
    return this.until(`${caller.user} to be let ${JSON.stringify(question)}`, () => this.may(caller, question));
  }
}

function parse(text: string): Loose {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

/** Asks for the eviction of a pod, without evicting it. */
export const evict = (server: Server, namespace: string, name: string) =>
  server.send("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
    deleteOptions: { dryRun: ["All"] },
  });
