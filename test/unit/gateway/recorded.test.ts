import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { SURFACE } from "../../../components/gateway/routes";
import type { RecordedRequest } from "../../gateway/support/recorded";
import { PROGRAMS } from "../../gateway/support/recorded";
import { hasLuaJit, runLua } from "./support/lua";

const DOCUMENT = path.join(__dirname, "../../../docs/clients.md");
const MODEL = "registry.ollama.ai/library/llama3:8b";

/** Name of the route that a request takes. */
function routeOf({ method, target }: RecordedRequest): string | undefined {
  const asked = decodeURIComponent(target.split("?")[0] ?? "");
  const fits = (known: string) => (known.length > 1 && known.endsWith("/") ? asked.startsWith(known) : asked === known);
  return SURFACE.find((route) => route.methods.includes(method) && fits(route.path))?.name;
}

describe("recorded requests of programs that people use", () => {
  for (const { name, key, requests } of PROGRAMS) {
    it(`take the routes of the gateway that they need: ${name}`, () => {
      for (const request of requests) {
        const found = routeOf(request) !== undefined;
        equal(found, request.status !== 404, request.target);
        if (key.length === 0) equal(request.status, 401);
      }
    });

    it(`are documented: ${name}`, () => {
      match(readFileSync(DOCUMENT, "utf8"), new RegExp(`^### .*${name.split(",")[0] ?? name}`, "m"));
    });

    it(`are judged as documented: ${name}`, function () {
      if (!hasLuaJit) this.skip();
      for (const request of requests) {
        const route = routeOf(request);
        if (route === undefined || request.body === undefined) continue;
        const input = `${route}\n${JSON.stringify(request.body)}`;
        const [refusal = ""] = runLua("refusal", [input]);
        if (request.status !== undefined) {
          match(refusal, request.says ?? /./);
          continue;
        }
        equal(refusal, "passes", request.target);
        const [dropped = "", ...body] = (runLua("dropped", [input])[0] ?? "").split(" ");
        equal(dropped, request.dropped ?? "");
        const arrives = JSON.parse(body.join(" ")) as Record<string, unknown>;
        equal(arrives["model"], MODEL);
        for (const [field, value] of Object.entries(request.arrives ?? {})) deepEqual(arrives[field], value, field);
      }
      ok(requests.length > 0);
    });
  }
});
