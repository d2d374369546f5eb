/** Images that tenants' pods run or mount, for the rules under `images/`. */
import type { ClusterModel, PodSource } from "../model/cluster-model";
import { list, record } from "../model/json";
import { tenantPods } from "./select";

/** One image that a pod names. */
export interface ImageReference {
  pod: PodSource;
  /** The reference as it is written. */
  image: unknown;
  /** Path of the reference in the declaring object. */
  path: string;
  /** When the node asks the registry, as it is written. */
  pullPolicy: unknown;
  /** Path of the pull policy in the declaring object. */
  pullPolicyPath: string;
}

/** Images of every container of every tenant's pod, and of the volumes that show an image's files. */
export function tenantImages(model: ClusterModel): ImageReference[] {
  return tenantPods(model).flatMap((pod) => [
    ...pod.containers.map(({ container, path }) => ({
      pod,
      image: container.image,
      path: `${path}.image`,
      pullPolicy: container.imagePullPolicy,
      pullPolicyPath: `${path}.imagePullPolicy`,
    })),
    ...list(pod.spec.volumes).flatMap((volume, index) => {
      if (record(volume).image === undefined) return [];
      const { reference, pullPolicy } = record(volume.image);
      const path = `${pod.path}.volumes[${index}].image`;
      return [{ pod, image: reference, path: `${path}.reference`, pullPolicy, pullPolicyPath: `${path}.pullPolicy` }];
    }),
  ]);
}

/** Takes an image reference apart: `registry/repository:tag@digest`. The digests are those that container runtimes accept. */
const parts =
  /^(?<name>[^@\s]+?)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}))?$/;

/** Tag and digest of a reference, each undefined where it has none or is no reference. */
export function pinOf(image: unknown): { tag?: string; digest?: string } {
  const { tag, digest } = parts.exec(String(image ?? ""))?.groups ?? {};
  return { tag, digest };
}

/** The image's full name as the container runtime completes it: Docker Hub, and `library` for its official images. */
function fullName(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length === 0) return `docker.io/library/${image}`;
  return /[.:]/.test(first) || first === "localhost" ? image : `docker.io/${image}`;
}

/** Whether an image lies under one of the registries or repositories. */
export function isUnder(image: unknown, places: readonly string[]): boolean {
  const name = fullName(String(image ?? ""));
  return places.some((place) => name.startsWith(`${place.replace(/\/$/, "")}/`) || name.split(/[:@]/)[0] === place);
}
