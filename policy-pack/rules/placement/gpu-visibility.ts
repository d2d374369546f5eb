import { GPU_VARIABLE, harmOfVariable, hidesGpus } from "../../model/accelerators";
import type { ClusterModel, PodSource } from "../../model/cluster-model";
import { show } from "../../model/fault";
import { list } from "../../model/json";
import type { ContainerSource } from "../../model/pods";
import { accelerators, acceleratorsOf, type IsAccelerator, namedAccelerators } from "../../readers/accelerators";
import { importedNames } from "../../readers/imports";
import { owasp } from "../frameworks";
import { variable } from "../../readers/model-servers";
import type { Finding, Rule } from "../rule";
import { inWorkspace, tenantContainers } from "../../readers/select";

type Part = Omit<Finding, "object">;

/** How a container asks for GPUs. */
type Asks = "nothing" | "by name" | "by claims";

function howItAsks({ container }: ContainerSource, isAccelerator: IsAccelerator): Asks {
  if (namedAccelerators(container.resources, isAccelerator).length > 0) return "by name";
  return acceleratorsOf(container.resources, isAccelerator).length > 0 ? "by claims" : "nothing";
}

/** What is wrong with the variable that names GPUs, as the container itself sets it. */
function ofVariable({ container, path }: ContainerSource, asks: Asks): Part[] {
  const { value, field } = variable(container, path, GPU_VARIABLE);
  // A driver of claims puts the devices into the container itself, and hides the others by the same value.
  if (asks === "by claims" && hidesGpus(value)) return [];
  if (asks !== "nothing")
    // With a request, the device plugin names the devices; a value of one's own would replace its choice.
    return value === undefined
      ? []
      : [
          {
            field,
            message: `sets ${GPU_VARIABLE} to ${show(value)} beside a GPU request.`,
            fix: `Remove ${GPU_VARIABLE}; the device plugin sets it.`,
          },
        ];
  if (hidesGpus(value)) return [];
  const what =
    value === undefined
      ? `does not set ${GPU_VARIABLE}, which the image may set to all`
      : `sets ${GPU_VARIABLE} to ${show(value)}`;
  return [
    {
      field,
      message: `${what}: without a GPU request the container would see every GPU of its node.`,
      fix: `Set ${GPU_VARIABLE} to "void".`,
    },
  ];
}

/** Variables that do something to devices, as the container itself sets them. */
function ofOthers({ container, path }: ContainerSource): Part[] {
  return list(container.env).flatMap((one, index) => {
    const harm = harmOfVariable(one?.name ?? "", one?.value);
    if (harm === undefined) return [];
    return [
      {
        field: `${path}.env[${index}].name`,
        message: `is ${show(one.name)}, which ${harm}.`,
        fix: `Remove ${one.name}.`,
      },
    ];
  });
}

/** Variables that the container takes over from ConfigMaps and Secrets. Those that it sets itself win. */
function ofImports(model: ClusterModel, pod: PodSource, { container, path }: ContainerSource): Part[] {
  const own = new Set(list(container.env).map((one) => one?.name));
  return list(container.envFrom).flatMap((origin, index): Part[] => {
    const field = `${path}.envFrom[${index}]`;
    const names = importedNames(model, pod, origin);
    if (names === undefined)
      return [
        {
          field,
          message: `is ${show(origin)}, whose content is not known here, so it may set variables that choose GPUs or load code.`,
          fix: "Declare the ConfigMap beside the pod, or set each variable under env.",
        },
      ];
    return names
      .filter((name) => !own.has(name) && (name === GPU_VARIABLE || harmOfVariable(name, undefined) !== undefined))
      .map((name) => ({
        field,
        message: `is ${show(origin)}, which sets ${name}: it chooses GPUs or loads code, whatever the container requests.`,
        fix: `Remove ${name} from it.`,
      }));
  });
}

export const rule: Rule = {
  id: "placement/gpu-visibility",
  title: "A tenant's container sees no GPU but those that it was given.",
  severity: "high",
  scope: "cluster",
  frameworks: [owasp("K01")],
  remediation: `Set ${GPU_VARIABLE} to "void" on containers without a GPU request, and leave it away beside one.`,
  configuredBy: ["pools"],
  check: (model, configuration) => {
    const isAccelerator = accelerators(model, configuration);
    return tenantContainers(model).flatMap(({ pod, source }) => {
      const asks = howItAsks(source, isAccelerator);
      // No pod of a workspace gets onto a node of a pool, where the GPUs are; what it sets itself counts all the same.
      const unset = variable(source.container, source.path, GPU_VARIABLE).value === undefined;
      const ofOwn = unset && inWorkspace(model, pod) ? [] : ofVariable(source, asks);
      return [...ofOwn, ...ofOthers(source), ...ofImports(model, pod, source)].map((part) => ({
        ...part,
        object: pod.source,
      }));
    });
  },
};
