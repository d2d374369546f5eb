/** Reasons that differ by what an object says: each is the one that holds on a real control plane. */
import assert from "node:assert/strict";
import { compliantObjects, find, hrPod, type Loose, violationsOf } from "../fixture";

/** The one message of a rule after a change. */
function messageOf(rule: string, change: (objects: Loose[]) => void): string {
  const objects = compliantObjects();
  change(objects);
  const [first, ...others] = violationsOf(objects, rule);
  assert.deepEqual(others, []);
  return first?.message ?? "";
}

describe("the reason for a Pod Security label", () => {
  const ofLabel = (label: string, value: string | undefined) =>
    messageOf("namespaces/pod-security-labels", (objects) => {
      const { labels } = find(objects, "Namespace", "tenant-hr").metadata;
      labels[`pod-security.kubernetes.io/${label}`] = value;
    });

  it("says which pods a level would admit", () => {
    assert.match(ofLabel("enforce", undefined), /privileged pods would be admitted/);
    assert.match(ofLabel("enforce", "privileged"), /privileged pods would be admitted/);
    assert.match(ofLabel("enforce", "baseline"), /pods that run as root, or with the runtime's capabilities, would be/);
  });

  it("says what goes unnoticed below the level of audit and warn", () => {
    assert.match(ofLabel("audit", "baseline"), /without a trace in the audit log/);
    assert.match(ofLabel("warn", undefined), /without a warning/);
  });

  it("says that the API server refuses what is no level or no version", () => {
    for (const mode of ["enforce", "audit", "warn"]) {
      assert.match(ofLabel(mode, "Restricted"), /no level, so that the API server refuses the namespace/);
      assert.match(ofLabel(`${mode}-version`, "v1.034"), /no version of the standards, so that the API server refuses/);
    }
  });

  it("says that a version which is not pinned moves with the cluster", () => {
    for (const version of [undefined, "latest"])
      assert.match(ofLabel("enforce-version", version), /the meaning of the profile changes with each upgrade/);
  });
});

describe("the reason for a mounted token", () => {
  const ofToken = (automount: boolean | undefined, ofAccount: boolean | undefined) =>
    messageOf("pods/service-account-token", (objects) => {
      hrPod(objects).automountServiceAccountToken = automount;
      find(objects, "ServiceAccount", "ollama", "tenant-hr").automountServiceAccountToken = ofAccount;
    });

  it("goes by the pod and by its account", () => {
    assert.match(ofToken(undefined, undefined), /not set, so that a token is mounted unless the account says false/);
    assert.match(ofToken(undefined, false), /as soon as its account no longer says false/);
    assert.match(ofToken(true, false), /is true, so that a token is mounted, whatever the account says/);
    assert.equal(ofToken(false, true), "");
  });
});
