import type { PackConfiguration } from "../../model/configuration";
import type { ContainerSource } from "../../model/pods";
import { gpusOf } from "../pool-rules";
import { owasp } from "../frameworks";
import type { Finding, Rule } from "../rule";
import { list, show, tenantContainers } from "../select";
import { hasServerImage } from "../model-servers";

const VARIABLE = "NVIDIA_VISIBLE_DEVICES";
const hidden = ["void", "none"];
/** Variables that steer the container toolkit or load code into every process of the container. */
const steering = /^(NVIDIA_(?!VISIBLE_DEVICES$|DRIVER_CAPABILITIES$)|LD_PRELOAD$|LD_LIBRARY_PATH$|CUDA_MPS_)/;

function check({ container, path }: ContainerSource, configuration: PackConfiguration): Omit<Finding, "object">[] {
  const index = list(container.env).findIndex((variable) => variable?.name === VARIABLE);
  const value = index < 0 ? undefined : (container.env?.[index]?.value ?? "(from a reference)");
  const field = index < 0 ? `${path}.env` : `${path}.env[${index}]`;
  const asks = gpusOf(container.resources, configuration).length > 0;
  if (asks)
    // With a request, the device plugin names the devices; a value of one's own would replace its choice.
    return value === undefined
      ? []
      : [
          {
            field,
            message: `sets ${VARIABLE} to ${show(value)} beside a GPU request.`,
            fix: `Remove ${VARIABLE}; the device plugin sets it.`,
          },
        ];
  if (hidden.includes(value ?? "") || (value === undefined && !hasServerImage(container, configuration))) return [];
  return [
    {
      field,
      message: `${value === undefined ? `does not set ${VARIABLE}, which the image sets to all` : `sets ${VARIABLE} to ${show(value)}`}: without a GPU request the container would see every GPU of its node.`,
      fix: `Set ${VARIABLE} to "void".`,
    },
  ];
}

export const rule: Rule = {
  id: "placement/gpu-visibility",
  title: "A tenant's container sees no GPU but those that it was given.",
  severity: "high",
  scope: "object",
  frameworks: [owasp("K01")],
  remediation: `Set ${VARIABLE} to "void" on containers without a GPU request, and leave it away beside one.`,
  configuredBy: ["pools", "models"],
  check: (model, configuration) =>
    tenantContainers(model).flatMap(({ pod, source }) => [
      ...check(source, configuration).map((finding) => ({ ...finding, object: pod.source })),
      ...list(source.container.env).flatMap((variable, index) =>
        steering.test(variable?.name ?? "")
          ? [
              {
                object: pod.source,
                field: `${source.path}.env[${index}].name`,
                message: `is ${show(variable.name)}, which steers the GPU runtime or loads code into the container's processes.`,
                fix: `Remove ${variable.name}.`,
              },
            ]
          : [],
      ),
    ]),
};
