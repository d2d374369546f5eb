import assert from "node:assert/strict";
import fc from "fast-check";
import { escapeHtml, html } from "../../../tools/report/html/html";
import { renderPage } from "../../../tools/report/html/page";
import { find, rename, reportOf, settingsWith } from "./fixture";

const page = renderPage(reportOf(() => undefined));

/** Text between two headings, without tags. */
function section(of: string, id: string): string {
  const start = of.indexOf(`id="${id}"`);
  const end = of.indexOf("<h2", start);
  return of
    .slice(start, end < 0 ? undefined : end)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
}

describe("The report's page", () => {
  it("needs nothing from elsewhere and runs no script", () => {
    assert.doesNotMatch(page, /<(script|link|img|iframe|object|embed|base|form)\b|\son\w+=|@import|url\((?!#)/i);
    assert.doesNotMatch(page, /(?:src|href)="(?!#)/);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/);
  });

  it("says that all is well when it is", () => {
    assert.match(page, /Tenants are apart/);
    assert.match(page, /No rule is broken/);
    assert.match(page, /Nothing weakened/);
    assert.match(page, /No exceptions/);
  });

  it("has a table of who can reach whom, with the ports", () => {
    const reach = section(page, "reach");
    assert.match(reach, /ingress-nginx (closed|TCP 8080)/);
    assert.match(reach, /internet/);
    assert.doesNotMatch(page, /class="cross"|edge cross/);
  });

  it("draws a connection between tenants in red and refuses the change", () => {
    const broken = renderPage(
      reportOf((objects) => {
        find(objects, "NetworkPolicy", "allow-egress", "tenant-hr").spec.egress.push({});
        find(objects, "NetworkPolicy", "allow-clients", "tenant-finance").spec.ingress.push({});
      }),
    );
    assert.match(broken, /Tenants reach each other/);
    assert.match(broken, /<td class="cross">/);
    assert.match(broken, /class="edge cross/);
    assert.match(broken, /The change is refused/);
    assert.match(section(broken, "rules"), /network\/tenant-reachability .* What to do: /);
  });

  it("shows what each tenant may use and its share of each pool", () => {
    assert.match(
      section(page, "tenants"),
      /finance tenant-finance dedicated-nodes registry\.ollama\.ai\/library\/qwen2\.5:7b finance-gpu/,
    );
    assert.match(section(page, "pools"), /cpu of 64 finance finance 8 \(13 %\)/);
    assert.match(section(page, "pools"), /nvidia\.com\/gpu of 2 finance finance 2 \(100 %\)/);
  });

  it("lists exemptions and rules that do not block, with their reasons", () => {
    const exempt = renderPage(
      reportOf(
        (objects) => (find(objects, "Service", "ollama", "tenant-hr").spec.type = "NodePort"),
        settingsWith({
          rules: { "images/pinned": { level: "advisory", reason: "until the mirror is ready" } },
          exemptions: [
            {
              rule: "network/service-types",
              object: "Service tenant-hr/ollama",
              reason: "old clients until spring",
              expires: "2026-03-31",
            },
          ],
        }),
      ),
    );
    const listed = section(exempt, "exemptions");
    assert.match(listed, /network\/service-types .*until 2026-03-31: old clients until spring/);
    assert.match(listed, /images\/pinned does not block, only advises: until the mirror is ready/);
    assert.match(exempt, /2 exceptions/);
  });

  for (const name of [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
  ])
    it(`shows a hostile name as text: ${name}`, () => {
      const hostile = renderPage(reportOf((objects) => rename(objects, name)));
      assert.ok(hostile.includes(escapeHtml(name)));
      assert.ok(!hostile.includes(name));
    });

  it("shows characters that turn or hide text", () => {
    const hostile = renderPage(reportOf((objects) => rename(objects, "fin\u202eecna\u200b")));
    assert.match(hostile, /fin\ufffdecna\ufffd/);
  });

  it("escapes any value so that no tag and no attribute ends by it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        assert.doesNotMatch(html`${value}`.text, /[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});
