import type { Environment } from "../../spec/environment";
import type { PodSpec } from "../kubernetes";

/** The credentials that images are pulled with, where nodes have none of their own. */
export function imagePullSecrets({ pullSecret }: Environment): Pick<PodSpec, "imagePullSecrets"> {
  return pullSecret === undefined ? {} : { imagePullSecrets: [{ name: pullSecret }] };
}
