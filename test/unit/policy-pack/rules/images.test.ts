import { loadSettings } from "../../../../policy-pack/settings/load";
import { describeRule, type Break } from "../breaks";
import { financePod, hrPod, type Loose, ruleIds, settings } from "../fixture";
import { onEveryContainer } from "../shapes";

const HR = "Deployment tenant-hr/ollama";
const image = (value: unknown, place = "containers"): Break => ({
  title: `${String(value)} in ${place}`,
  apply: (o) => (hrPod(o)[place][0].image = value),
  object: HR,
  field: `spec.template.spec.${place}[0].image`,
});
const digest = `sha256:${"0".repeat(64)}`;
const withDigest = loadSettings({ images: { requireDigest: true } }, ruleIds);

/** A volume with the files of an image. */
function mounted(source: Loose, field: string): Break {
  return {
    title: `${JSON.stringify(source)} as a volume`,
    apply: (o) => hrPod(o).volumes.push({ name: "data", image: source }),
    object: HR,
    field: `spec.template.spec.volumes[2].image.${field}`,
  };
}

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
    { ...image(`ollama/ollama@md5:${"0".repeat(32)}`), title: "a digest of an algorithm that runtimes refuse" },
    { ...mounted({ reference: "docker.io/ollama/data:latest" }, "reference"), title: "a volume of a moving tag" },
    { ...mounted({}, "reference"), title: "a volume of no image" },
  ],
  [
    { title: "a digest of SHA-384", apply: image(`ollama/ollama@sha384:${"0".repeat(96)}`).apply },
    { title: "a digest of SHA-512", apply: image(`ollama/ollama@sha512:${"0".repeat(128)}`).apply },
    { title: "a volume of a pinned image", apply: mounted({ reference: "docker.io/ollama/data:1" }, "").apply },
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
    mounted({ reference: "quay.io/evil/data:1" }, "reference"),
  ],
  [
    { title: "a listed registry in short form", apply: image("ollama/ollama:0.17.4").apply },
    {
      title: "anything when none is listed",
      apply: image("quay.io/x:1").apply,
      settings: {
        ...settings,
        configuration: { ...settings.configuration, images: { ...settings.configuration.images, registries: [] } },
      },
    },
  ],
);

const common = loadSettings({ images: { common: ["docker.io/ollama", "docker.io/envoyproxy"] } }, ruleIds);
const strict = loadSettings({ images: { common: [] } }, ruleIds);
const policy = (value: unknown) => (container: Loose) => {
  if (value === undefined) delete container.imagePullPolicy;
  else container.imagePullPolicy = value;
};
const inHr = (breaks: Break[]) =>
  breaks.map(({ apply, ...rest }): Break => ({
    ...rest,
    settings: strict,
    // The pod of the tenant that has no pool of its own.
    apply: (o) => {
      delete financePod(o).nodeSelector;
      apply(o);
    },
  }));

describeRule(
  "images/pull-policy",
  [
    ...inHr(onEveryContainer("IfNotPresent", policy("IfNotPresent"), "imagePullPolicy")),
    ...inHr(onEveryContainer("Never", policy("Never"), "imagePullPolicy")),
    ...inHr(onEveryContainer("nothing said of a tag", policy(undefined), "imagePullPolicy")),
    {
      title: "nothing said of the tag latest with a digest",
      apply: (o) => {
        image(`ollama/ollama:latest@${digest}`).apply(o);
        delete hrPod(o).containers[0].imagePullPolicy;
      },
      object: HR,
      settings: strict,
    },
    {
      title: "Never of a tag that every tenant may run",
      apply: (o) => policy("Never")(hrPod(o).containers[0]),
      object: HR,
    },
    { ...mounted({ reference: "docker.io/ollama/data:1" }, "pullPolicy"), title: "a volume that is not asked for" },
    {
      title: "an image that is not among the common ones",
      apply: (o) => {
        image("docker.io/finance/private:1").apply(o);
        hrPod(o).containers[0].imagePullPolicy = "IfNotPresent";
      },
      object: HR,
      settings: common,
    },
  ],
  [
    { title: "IfNotPresent on nodes of one's own", apply: (o) => policy("IfNotPresent")(financePod(o).containers[0]) },
    {
      title: "an image that every tenant may run",
      apply: (o) => policy("IfNotPresent")(hrPod(o).containers[0]),
      settings: common,
    },
    {
      title: "nothing said of the tag latest",
      apply: (o) => {
        image("ollama/ollama:latest").apply(o);
        policy(undefined)(hrPod(o).containers[0]);
      },
    },
    {
      title: "a volume that is always asked for",
      apply: mounted({ reference: "docker.io/ollama/data:1", pullPolicy: "Always" }, "").apply,
    },
  ],
);
