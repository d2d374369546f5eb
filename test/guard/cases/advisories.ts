import { type Case, create, type Loose } from "../support/acts";
import { container, podWith } from "../support/pods";

const main = (pod: Loose): Loose => pod.spec.containers[0];

/** Weaknesses that others have had, by what they let pass. */
export const ADVISORIES: Case[] = [
  {
    title: "a pod that calls itself managed to be spared (GHSA-wpv2-mpqq-vv52)",
    act: create(
      podWith((pod) => {
        Object.assign(pod.metadata.labels, {
          "app.kubernetes.io/managed-by": "pulumi",
          "app.kubernetes.io/part-of": "ollama-platform",
        });
        main(pod).image = "evil.example.com/a:1";
      }),
    ),
    twin: create(
      podWith((pod) =>
        Object.assign(pod.metadata.labels, {
          "app.kubernetes.io/managed-by": "pulumi",
          "app.kubernetes.io/part-of": "ollama-platform",
        }),
      ),
    ),
  },
  {
    title: "a device asked for by the second container only (GHSA-4qv9-xv9f-w5xh)",
    act: create(
      podWith((pod) => {
        pod.spec.resourceClaims = [{ name: "g", resourceClaimName: "gpu" }];
        pod.spec.containers.push(
          container("second", { resources: { ...main(pod).resources, claims: [{ name: "g" }] } }),
        );
      }),
    ),
    twin: create(podWith((pod) => pod.spec.containers.push(container("second")))),
  },
];
