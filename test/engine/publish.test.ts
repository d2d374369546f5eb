/** What an organisation does with the pack, by the official command line against a stand-in of Pulumi Cloud. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { gunzipSync } from "node:zlib";
import { localTools } from "../../tools/commands/context";
import { engineEnvironment, runPulumi, type PulumiResult } from "../../tools/engine";
import { ensureTools } from "../../tools/install";
import { repositoryRoot } from "../../tools/local/paths";
import { scratchDirectory } from "../support/environment";

const pack = path.join(repositoryRoot, "policy-pack");
const { version } = JSON.parse(readFileSync(path.join(pack, "package.json"), "utf8")) as { version: string };
const ofVersion = `/api/orgs/acme/policypacks/ollama-isolation/versions/${version}`;

/** A policy as the command line announces it. */
interface Announced {
  name: string;
  enforcementLevel: string;
}

interface Call {
  request: string;
  body: Buffer;
}

/** The service's answers to what a publication and an activation ask, as far as the command line reads them. */
function answer(request: string, address: string, policies: readonly Announced[]): object {
  const answers: Record<string, object> = {
    "GET /api/user": { githubLogin: "tester", name: "Tester", organizations: [{ githubLogin: "acme", name: "acme" }] },
    "POST /api/orgs/acme/policypacks": { version: 1, uploadURI: `${address}/upload`, requiredHeaders: {} },
    [`GET ${ofVersion}`]: { name: "ollama-isolation", version: 1, versionTag: version, policies },
  };
  return answers[request] ?? {};
}

describe("the pack in an organisation", () => {
  let directory: string;
  let server: Server;
  let env: NodeJS.ProcessEnv;
  const calls: Call[] = [];
  let policies: Announced[] = [];

  const bodyOf = (request: string): Buffer => calls.find((call) => call.request === request)?.body ?? Buffer.alloc(0);
  const run = (...args: string[]): Promise<PulumiResult> => runPulumi(args, { cwd: pack, env });

  before("publish it", async () => {
    const tools = await ensureTools([...localTools]);
    directory = scratchDirectory("publish");
    server = createServer((message, response) => {
      void read(message).then((body) => {
        const request = `${message.method} ${message.url}`;
        calls.push({ request, body });
        if (request === "POST /api/orgs/acme/policypacks")
          policies = (JSON.parse(body.toString()) as { policies: Announced[] }).policies;
        const { port } = server.address() as AddressInfo;
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(answer(request, `http://127.0.0.1:${port}`, policies)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    env = {
      ...engineEnvironment({ directory, tools }),
      PULUMI_BACKEND_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      PULUMI_ACCESS_TOKEN: "of-a-stand-in",
    };
    const { code, stdout, stderr } = await run("policy", "publish", "acme");
    assert.equal(code, 0, stdout + stderr);
  });
  after(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("is announced with its version and its policies", () => {
    const announced = JSON.parse(bodyOf("POST /api/orgs/acme/policypacks").toString()) as Record<string, unknown>;
    assert.equal(announced["name"], "ollama-isolation");
    assert.equal(announced["versionTag"], version);
    assert.equal(announced["runtime"], "nodejs");
    const mandatory = policies.filter(({ enforcementLevel }) => enforcementLevel === "mandatory");
    assert.ok(
      mandatory.length > 0 && policies.some(({ name }) => name === "tenant-isolation"),
      JSON.stringify(policies),
    );
    assert.ok(calls.some(({ request }) => request === `POST ${ofVersion}/complete`));
  });

  it("is uploaded as an archive that the engine can unpack, install and start", () => {
    const archive = path.join(directory, "pack.tgz");
    writeFileSync(archive, bodyOf("PUT /upload"));
    execFileSync("tar", ["-x", "-f", archive, "-C", directory]);
    const files = readdirSync(path.join(directory, "package"));
    for (const file of ["PulumiPolicy.yaml", "package.json", "main.js", "index.ts", "rules", "config.schema.json"])
      assert.ok(files.includes(file), file);
    assert.ok(!files.includes("node_modules") && !files.includes("config"), files.join(" "));
  });

  for (const stack of ["dev", "staging", "prod"])
    it(`is enabled with the settings of ${stack}`, async () => {
      const settings = path.join(pack, "config", `${stack}.json`);
      const { code, stdout, stderr } = await run(
        "policy",
        "enable",
        "acme/ollama-isolation",
        version,
        "--config",
        settings,
      );
      assert.equal(code, 0, stdout + stderr);
      const { body } =
        calls.findLast(({ request }) => request.startsWith("PATCH ")) ?? assert.fail("nothing was enabled");
      assert.match(body.toString(), /"tenant-isolation":\{/);
    });
});

/** The body of a request, unpacked where it is packed. */
async function read(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  return message.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
}
