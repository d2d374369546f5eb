import { loadSettings } from "../../../../policy-pack/configuration/load";
import { describeRule, type Break } from "../breaks";
import { hrPod, ruleIds, settings } from "../fixture";

const HR = "Deployment tenant-hr/ollama";
const image = (value: unknown, place = "containers"): Break => ({
  title: `${String(value)} in ${place}`,
  apply: (o) => (hrPod(o)[place][0].image = value),
  object: HR,
  field: `spec.template.spec.${place}[0].image`,
});
const digest = `sha256:${"0".repeat(64)}`;
const withDigest = loadSettings({ images: { requireDigest: true } }, ruleIds);

describeRule(
  "images/pinned",
  [
    ...[
      "ollama/ollama",
      "ollama/ollama:latest",
      "registry.example.com:5000/ollama",
      "ollama/ollama:",
      "?",
      undefined,
    ].flatMap((value) => [image(value), image(value, "initContainers")]),
    { ...image("ollama/ollama:0.17.4"), settings: withDigest, title: "a tag where a digest is asked for" },
    { ...image(`ollama/ollama@sha256:12`), title: "a digest that is too short" },
  ],
  [
    { title: "a digest", apply: image(`ollama/ollama@${digest}`).apply },
    { title: "the tag latest with a digest", apply: image(`ollama/ollama:latest@${digest}`).apply },
  ],
);

describeRule(
  "images/registries",
  [
    image("quay.io/ollama/ollama:1"),
    image("docker.io/evil/ollama:1"),
    image("docker.io/ollama.evil/x:1"),
    image("busybox:1"),
    image("localhost/ollama/ollama:1", "initContainers"),
  ],
  [
    { title: "a listed registry in short form", apply: image("ollama/ollama:0.17.4").apply },
    {
      title: "anything when none is listed",
      apply: image("quay.io/x:1").apply,
      settings: {
        ...settings,
        configuration: { ...settings.configuration, images: { registries: [], requireDigest: false } },
      },
    },
  ],
);
