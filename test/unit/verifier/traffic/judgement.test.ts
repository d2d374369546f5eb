import { strict as assert } from "node:assert";
import { judgeTrials, type Tried } from "../../../../verifier/traffic/judgement";
import type { Probe } from "../../../../verifier/traffic/places";
import type { Outcome } from "../../../../verifier/traffic/probe";
import type { Trial } from "../../../../verifier/traffic/trials";

const asker: Probe = {
  id: "tenant-hr",
  namespace: "tenant-hr",
  name: "verifier-probe-asker",
  tenant: "hr",
  role: "asker",
};

const trial = (more: Partial<Trial> = {}): Trial => ({
  id: "tenant-hr/tenant-finance/pod-tcp",
  from: asker,
  tried: "opens a port",
  attempt: { kind: "http", host: "10.0.0.1", port: 8080, open: false },
  answers: "tenant-finance",
  forecast: { allowed: false, why: "default-deny isolates the pod" },
  role: "closed",
  listens: "ready",
  ...more,
});
/** Shows that who asks can connect at all. */
const alive: Tried = {
  trial: trial({
    id: "tenant-hr/own/Service",
    role: "control",
    answers: undefined,
    forecast: { allowed: true, why: "" },
  }),
  outcome: { met: "answered" },
};
const judged = (outcome: Outcome | undefined, more: Partial<Trial> = {}, others: Tried[] = [alive]) => {
  const [result] = judgeTrials([{ trial: trial(more), outcome, why: "no pod" }, ...others]);
  assert.ok(result);
  return result;
};

describe("a connection that has to be closed", () => {
  for (const met of ["refused", "dropped", "unreachable"] as const)
    it(`is isolated when it is ${met} and the other end is known to listen`, () => {
      const result = judged({ met });
      assert.equal(result.outcome, "isolated");
      assert.equal(result.disagreement, undefined);
      assert.match(result.found, new RegExp(met));
    });

  it("tells a refused one from a dropped one", () => {
    assert.notEqual(judged({ met: "refused" }).found, judged({ met: "dropped" }).found);
  });

  it("is open when the right end answers, and unlike predicted where the policies close it", () => {
    const result = judged({ met: "answered", detail: "tenant-finance" });
    assert.equal(result.outcome, "open");
    assert.match(result.disagreement ?? "", /default-deny isolates/);
    assert.notEqual(result.fix ?? "", "");
  });

  it("is open as predicted where the policies let it through", () => {
    const forecast = { allowed: true, why: "allow-all lets it through" };
    const result = judged({ met: "answered", detail: "tenant-finance" }, { forecast });
    assert.equal(result.outcome, "open");
    assert.equal(result.disagreement, undefined);
  });

  it("is unlike predicted when it is closed although the policies let it through", () => {
    const result = judged({ met: "refused" }, { forecast: { allowed: true, why: "allow-all lets it through" } });
    assert.equal(result.outcome, "isolated");
    assert.match(result.disagreement ?? "", /allow-all/);
  });

  it("is inconclusive when who asks reached nothing at all", () => {
    assert.equal(judged({ met: "refused" }, {}, []).outcome, "inconclusive");
  });

  it("is inconclusive when nothing shows that anybody listens there", () => {
    assert.equal(judged({ met: "refused" }, { listens: ["control/machine/kubelet"] }).outcome, "inconclusive");
  });

  it("is isolated when the control that differs in one thing was answered", () => {
    const control: Tried = {
      trial: trial({ id: "control/machine/kubelet", role: "witness" }),
      outcome: { met: "answered", detail: "tenant-finance" },
    };
    const result = judged({ met: "refused" }, { listens: ["control/machine/kubelet"] }, [alive, control]);
    assert.equal(result.outcome, "isolated");
    assert.match(result.found, /control\/machine\/kubelet was answered/);
  });

  it("is isolated at an address where nothing is expected to listen, and says that it is so", () => {
    const result = judged({ met: "dropped" }, { listens: ["control/machine/metadata-address"], absent: "no cloud" });
    assert.equal(result.outcome, "isolated");
    assert.match(result.found, /nothing listens there/);
  });

  for (const [address, addresses, outcome] of [
    ["2001:db8::7", ["10.0.0.9"], "inconclusive"],
    ["2001:db8::7", ["10.0.0.9", "2001:db8::9"], "isolated"],
    ["10.0.0.7", ["2001:db8::9"], "inconclusive"],
    ["10.0.0.7", ["10.0.0.9"], "isolated"],
  ] as const)
    it(`is ${outcome} at ${address} when who asks has the addresses ${addresses.join(" and ")}`, () => {
      const attempt = { kind: "tcp", host: address, port: 8080, open: false } as const;
      const [result] = judgeTrials([{ trial: trial({ attempt }), outcome: { met: "unreachable" }, addresses }, alive]);
      assert.equal(result?.outcome, outcome);
      if (outcome === "inconclusive") assert.match(result?.found ?? "", /who asked has no IPv[46] address/);
    });

  it("is inconclusive by a name that is asked for the other family when who asks has no address of it", () => {
    const attempt = { kind: "tcp", host: "ollama.tenant-hr.svc", port: 80, family: 6, open: false } as const;
    const addresses = ["10.0.0.9"];
    const [result] = judgeTrials([{ trial: trial({ attempt }), outcome: { met: "refused" }, addresses }, alive]);
    assert.equal(result?.outcome, "inconclusive");
  });

  for (const [what, outcome] of [
    ["another end answers", { met: "answered", detail: "someone" }],
    ["its name has no address", { met: "unresolved" }],
    ["the attempt fails", { met: "error", detail: "EMFILE" }],
    ["it was not tried", undefined],
  ] as const)
    it(`is inconclusive when ${what}`, () => {
      assert.equal(judged(outcome).outcome, "inconclusive");
    });
});

describe("a control", () => {
  const control = { role: "control", forecast: { allowed: true, why: "no policy" } } as const;

  it("is as it has to be when it is answered", () => {
    assert.equal(judged({ met: "answered", detail: "tenant-finance" }, control).outcome, "isolated");
  });

  it("is unlike predicted, and never a pass, when it is closed", () => {
    const result = judged({ met: "dropped" }, control);
    assert.equal(result.outcome, "inconclusive");
    assert.match(result.disagreement ?? "", /let it through/);
  });

  it("that only bears out others is no result of its own", () => {
    assert.deepEqual(judgeTrials([{ trial: trial({ role: "witness" }), outcome: { met: "answered" } }]), []);
  });
});
