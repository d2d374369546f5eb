import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { bundled, minified } from "../../../components/gateway/lua-source";
import { hasLuaJit } from "./support/lua";

const LUA = path.join(__dirname, "../../../components/gateway/lua");
const modules = readdirSync(LUA).map((name) => ({ name, code: readFileSync(path.join(LUA, name), "utf8") }));

/** What a module is compiled to: every function's instructions with their lines and constants, without the names of variables. */
function instructions(code: string): string[] {
  const { stdout, stderr } = spawnSync("luajit", ["-bl", "-"], { input: code, encoding: "utf8" });
  equal(stderr, "");
  return stdout.split("\n").map((line) => line.replace(/^(\d+ (?:=>| {2}) U[A-Z]+ .*?);.*$/, "$1"));
}

describe("the guard's code as pods get it", () => {
  for (const { name, code } of modules) {
    it(`is compiled to the instructions of the repository's, in the same lines: ${name}`, function () {
      if (!hasLuaJit) this.skip();
      const written = instructions(code);
      ok(written.length > 5);
      deepEqual(instructions(minified(code)), written);
    });
  }

  it("takes less than two thirds of what it takes in the repository", () => {
    const bytes = (of: (code: string) => string) => modules.reduce((sum, { code }) => sum + of(code).length, 0);
    ok(bytes(minified) < (bytes((code) => code) * 2) / 3);
  });

  it("has every line where it was, and texts as they were", () => {
    const code = [
      'local text = "-- no comment" -- one',
      "--[[ two",
      "lines ]]",
      "  local other = '--' --[==[ x ]==]",
      "return text",
    ];
    deepEqual(minified(code.join("\n")).split("\n"), [
      'local e="-- no comment"',
      "",
      "",
      "local t='--'",
      "return e",
      "",
    ]);
    equal(minified("return [[ -- text ]]"), "return[[ -- text ]]\n");
    equal(minified('return "\\"-- text"'), 'return"\\"-- text"\n');
  });

  it("keeps fields, methods, keys, labels and what others name, also where a variable has the same name", () => {
    const kept = {
      "local name=1 return a.name,b:name(),{name=name},{1,name=2;name=name}":
        "local e=1 return a.name,b:name(),{name=e},{1,name=2;name=e}",
      "local t={f=function(a,name) name=1 end,name=2}": "local a={f=function(t,e)e=1 end,name=2}",
      "::again:: local again=1 goto again": "::again::local e=1 goto again",
      "local print,name=print,1 print(name,e,t)": "local print,a=print,1 print(a,e,t)",
      "function M:open(path) return self,path end": "function M:open(e)return self,e end",
      "local a={[[x]]} local b={ [ [[x]] ]=a[ [[x]] ]}": "local e={[[x]]}local t={[ [[x]]]=e[ [[x]]]}",
    };
    for (const [code, short] of Object.entries(kept)) equal(minified(code), `${short}\n`);
  });

  it("has spaces where two tokens would be another", () => {
    for (const code of ["return 1 ..2", "return a- -b", "return 1 ..x..2 ..y", "return a.b...c", "return not a==-1"]) {
      equal(minified(code), `${code}\n`);
    }
  });
});

describe("the guard's modules in one file", () => {
  const modules = {
    "settings.lua": "\nreturn { name = ... }",
    "main.lua": 'local settings = require("settings")\nreturned = settings\nerror("deliberate " .. settings.name)',
  };

  it("run as they would from files of their own, and messages name these and their lines", function () {
    if (!hasLuaJit) this.skip();
    const { stderr, status } = spawnSync("luajit", ["-"], { input: bundled(modules, "main.lua"), encoding: "utf8" });
    ok(status !== 0 && stderr.includes("main.lua:3: deliberate settings"), stderr);
  });

  it("are not loaded when one of them cannot be", function () {
    if (!hasLuaJit) this.skip();
    const broken = bundled({ ...modules, "unused.lua": "return {" }, "main.lua");
    const { stderr, status } = spawnSync("luajit", ["-"], { input: broken, encoding: "utf8" });
    ok(status !== 0 && stderr.includes("unused.lua:1:") && !stderr.includes("deliberate"), stderr);
  });

  it("are refused when one holds what ends it", () =>
    throws(() => bundled({ "a.lua": "return [==[ ]==]" }, "a.lua"), /^Error: a\.lua: \]==\] would end the module$/));
});
