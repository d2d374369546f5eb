import { strict as assert } from "node:assert";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { userKubeconfig } from "../../tools/local-cluster/cluster";
import { type LocalStack, pulumiOnStack } from "../../tools/local/stack";
import { openTestEnvironment, type TestEnvironment } from "../support/environment";
import type { YamlDocument } from "../support/project";
import { preview, up, update, type UpdateResult } from "../support/update";

interface StateResource {
  urn: string;
  type: string;
  modified?: string;
  inputs?: { clusterIdentifier?: string };
}

/** What a change of the kubeconfig must never do. */
const destructive = (result: UpdateResult) => result.changes.filter(({ op }) => /replace|delete/.test(op));

describe("the cluster of a stack", () => {
  let environment: TestEnvironment;
  const servers: Server[] = [];

  before("deploy with a program that does not name the cluster, as older ones did", async () => {
    environment = await openTestEnvironment("cluster-identity");
    const current = ["index.ts", "program.ts"].map((name) =>
      readFileSync(path.join(environment.project, name), "utf8"),
    );
    rewrite("index.ts", /^ +clusterIdentity: .*\n/m, "");
    rewrite("program.ts", /^ +kubeconfig,\n +clusterIdentifier: .*\n/m, "");
    rewrite("program.ts", /^ +\{ ignoreChanges: .*\n/m, "");
    const deployed = await up(environment.stack, "--skip-preview");
    assert.equal(deployed.code, 0, deployed.output);
    assert.equal((await state()).identifier, undefined);
    ["index.ts", "program.ts"].forEach((name, index) =>
      writeFileSync(path.join(environment.project, name), current[index] ?? ""),
    );
  });
  after(async () => {
    for (const server of servers) server.close().closeAllConnections();
    await environment?.close();
  });

  function rewrite(file: string, pattern: RegExp, by: string): void {
    const name = path.join(environment.project, file);
    const text = readFileSync(name, "utf8");
    assert.match(text, pattern);
    writeFileSync(name, text.replace(pattern, by));
  }

  /** Identifier that the provider has in the stack's state, and when each resource of it was changed last. */
  async function state(): Promise<{ identifier?: string; modified: string[] }> {
    const { stdout } = await pulumiOnStack(environment.stack, "stack", ["export"]);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: StateResource[] } };
    const provider = deployment.resources.find(({ type }) => type === "pulumi:providers:kubernetes");
    return {
      identifier: provider?.inputs?.clusterIdentifier,
      modified: deployment.resources.map(({ urn, modified }) => `${urn} ${modified ?? ""}`),
    };
  }

  /** The stack, reached by a changed copy of the cluster's kubeconfig. */
  function by(name: string, edit: (kubeconfig: YamlDocument) => void): LocalStack {
    const kubeconfig = parse(readFileSync(environment.cluster.kubeconfig, "utf8")) as YamlDocument;
    edit(kubeconfig);
    const file = path.join(environment.directory, `${name}.kubeconfig`);
    writeFileSync(file, stringify(kubeconfig, { lineWidth: 0 }));
    return at(file);
  }

  const at = (file: string): LocalStack => ({
    ...environment.stack,
    environment: { ...environment.stack.environment, KUBECONFIG: file },
  });

  async function listening(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  }

  it("is remembered from the first update of this program on, and nothing is replaced for it", async () => {
    const planned = await preview(environment.stack);
    assert.equal(planned.code, 0, planned.output);
    assert.deepEqual(destructive(planned), []);
    const result = await up(environment.stack, "--skip-preview");
    assert.equal(result.code, 0, result.output);
    assert.deepEqual(destructive(result), []);
    assert.match((await state()).identifier ?? "", /^[0-9a-f-]{36}$/);
  });

  describe("stays the same, with nothing to do,", () => {
    async function assertUnchanged(stack: LocalStack): Promise<void> {
      const result = await update(stack, "preview", ["--expect-no-changes"]);
      assert.equal(result.code, 0, result.output);
      assert.deepEqual(result.changes, []);
      assert.doesNotMatch(result.output, /was not asked/);
    }

    it("when its address is written with a slash at the end", () =>
      assertUnchanged(by("slash", ({ clusters }) => (clusters[0].cluster.server += "/"))));

    it("when the context has another name", () =>
      assertUnchanged(
        by("context", (kubeconfig) => {
          kubeconfig.contexts[0].name = kubeconfig["current-context"] = "renamed";
        }),
      ));

    it("when the client has another certificate", async () =>
      assertUnchanged(at(await userKubeconfig(environment.cluster, { user: "someone", groups: ["system:masters"] }))));

    it("when the kubeconfig lies in another place", () => {
      const copy = path.join(environment.directory, "copy.kubeconfig");
      copyFileSync(environment.cluster.kubeconfig, copy);
      return assertUnchanged(at(copy));
    });

    it("when it is reached through a proxy", async () => {
      let connections = 0;
      const proxy = createServer().on("connect", ({ url }, client) => {
        connections++;
        const [host, port] = (url ?? "").split(":");
        const target = connect(Number(port), host, () => {
          client.write("HTTP/1.1 200 OK\r\n\r\n");
          target.pipe(client).pipe(target);
        });
        for (const socket of [client, target])
          socket.on("error", () => [client, target].forEach((each) => each.destroy()));
      });
      const url = `http://127.0.0.1:${await listening(proxy)}`;
      await assertUnchanged(by("proxy", ({ clusters }) => (clusters[0].cluster["proxy-url"] = url)));
      assert.ok(connections > 0);
    });
  });

  describe("when the kubeconfig leads to another one,", () => {
    let other: LocalStack;

    before("a server that says it is another cluster", async () => {
      const server = createServer((request, response) => {
        const isIdentity = request.url === "/api/v1/namespaces/kube-system";
        response.writeHead(isIdentity ? 200 : 404).end(JSON.stringify({ metadata: { uid: "another-cluster" } }));
      });
      const port = await listening(server);
      other = by("other", ({ clusters }) => {
        clusters[0].cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
      });
    });

    for (const [command, args] of [
      ["preview", []],
      ["up", ["--yes", "--skip-preview"]],
    ] as const) {
      it(`refuses ${command} before anything is done, and says how to go on`, async () => {
        const before = await state();
        const result = await update(other, command, [...args]);
        assert.notEqual(result.code, 0);
        assert.deepEqual(result.changes, []);
        assert.match(
          result.output,
          /kubeconfig: context local, http:\/\/127\.0\.0\.1:\d+\n +value: +cluster another-cluster/,
        );
        assert.match(result.output, /is another cluster: the objects of stack dev are in cluster [0-9a-f-]{36}/);
        assert.match(result.output, /pulumi config set kubernetes:clusterIdentifier another-cluster/);
        assert.doesNotMatch(result.output, /\n\s+at .*\.(ts|js):\d+/, "a stack trace");
        assert.deepEqual(await state(), before);
      });
    }
  });
});
