import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, stackPlace } from "../config/fixture";

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
