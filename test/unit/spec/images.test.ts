import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, stackPlace, type Files } from "../config/fixture";

describe("images", () => {
  const digest = `@sha256:${"0123456789abcdef".repeat(4)}`;

  for (const [image, problem] of Object.entries({
    "docker.io/ollama/ollama": /no tag/,
    [`docker.io/ollama/ollama${digest}`]: /no tag/,
    "docker.io/ollama/ollama:latest": /latest/,
    [`docker.io/ollama/ollama:latest${digest}`]: /latest/,
    "ollama/ollama:0.17.4": /registry/,
    "https://docker.io/ollama/ollama:0.17.4": /reference/,
    "docker.io/Ollama/ollama:0.17.4": /reference/,
    "docker.io/ollama/ollama:0.17.4@sha256:12": /reference/,
  })) {
    it(`refuses ${image}`, () =>
      assertFault(({ config }) => (config.images.ollama = image), stackPlace("images.ollama"), problem));
  }

  it("takes the name of a Secret to pull with, and none of the platform's own", () => {
    const pull =
      (name: string) =>
      ({ config }: Files) =>
        (config.images.pullSecret = name);
    assert.deepEqual(faultsAfter(pull("registry-credentials")), []);
    assertFault(pull("client-portal"), stackPlace("images.pullSecret"), /Secret of the platform itself/);
    assertFault(pull("Registry_Credentials"), stackPlace("images.pullSecret"), /not the name of a Secret/);
  });

  it("accepts a tag with a digest, and a registry with a port", () => {
    for (const image of [
      `docker.io/ollama/ollama:0.17.4${digest}`,
      "localhost:5000/ollama:0.17.4",
      "localhost/ollama:1",
    ]) {
      assert.deepEqual(
        faultsAfter(({ config }) => (config.images.envoy = image)),
        [],
        image,
      );
    }
  });
});
