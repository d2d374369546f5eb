import assert from "node:assert/strict";
import fc from "fast-check";
import { code, marker, renderMarkdown, text } from "../../../tools/report/markdown";
import { find, type Loose, reportOf } from "./fixture";

const openWorld = (objects: Loose[]) =>
  find(objects, "NetworkPolicy", "allow-egress", "tenant-hr").spec.egress.push({});

describe("The report's summary for a pull request", () => {
  it("begins with the mark by which it is found again", () => {
    assert.ok(renderMarkdown(reportOf(() => undefined)).startsWith(`${marker("dev")}\n`));
    assert.doesNotMatch(marker("a--b->c").slice(4, -3), /-->|--/);
  });

  it("says in its first lines whether tenants are apart, rules hold and something is weaker", () => {
    const fine = renderMarkdown(reportOf(() => undefined));
    for (const line of ["✅ No tenant can reach another.", "✅ No rule is broken", "✅ Nothing is weaker than before."])
      assert.ok(fine.includes(line), line);
    const broken = renderMarkdown(reportOf(openWorld));
    assert.match(broken, /❌ \d+ violations?: the change is refused/);
    assert.match(broken, /⚠️ \d+ weakened/);
    assert.match(broken, /\*\*network\/open-rules\*\* <code>NetworkPolicy tenant-hr\/allow-egress<\/code>/);
  });

  it("stays within what GitHub accepts, however much there is to say", () => {
    const report = reportOf((objects) => {
      for (let index = 0; index < 500; index++)
        objects.push({
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: `s-${index}`, namespace: "tenant-hr" },
          spec: { type: "NodePort", externalName: "x".repeat(5000) },
        });
    });
    const summary = renderMarkdown(report);
    assert.ok(summary.length < 65_536, `${summary.length} characters`);
    assert.match(summary, /… and \d+ more on the page/);
  });

  it("shows names as text: no HTML, link, mention, table cell or line of its own", () => {
    for (const hostile of [
      "<b>x</b>",
      "[a](http://x)",
      "@everybody",
      "a | b",
      "a\n# b",
      "`a` *b* _c_ ~d~",
      "#12",
      "www.x.y",
    ]) {
      for (const shown of [text(hostile), code(hostile).replace(/<\/?code>/g, "")])
        assert.doesNotMatch(shown, /[<>[\]@|\n`*_~]|#(?!\d+;)|:\/\/|www\./, hostile);
    }
  });

  it("leaves ordinary text as it is", () => {
    assert.equal(text("requests.cpu 10 (was 8), tenant-hr: fine"), "requests.cpu 10 (was 8), tenant-hr: fine");
  });

  it("never lets any text out of its line", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (value) => assert.doesNotMatch(text(value), /[\r\n<>|`]/)));
  });
});
