import { openAsBlob } from "node:fs";
import { blobFile, provideSmallModel, smallModel, type StoredModel } from "../../images/small-model";
import type { Step } from "../component";
import { registryAddress } from "./registry-address";

/**
 * Repositories and tags that the registry has: those of the dev stack's catalogue. All of them are the small model, since
 * nothing here could serve the large ones: on simulated nodes no model is loaded, and the store is filled as anywhere.
 */
const publishedAs = [
  { repository: smallModel.repository, tag: smallModel.tag },
  { repository: "library/qwen2.5", tag: "0.5b" },
  { repository: "library/qwen2.5", tag: "7b" },
  { repository: "library/llama3.1", tag: "8b" },
];

const apiOf = (repository: string): string => `http://${registryAddress}/v2/${repository}`;

/** Puts the small model into the registry, as its publisher would: blobs first, then the manifests that name them. */
export const modelInRegistry: Step = {
  name: "model in registry",
  startsAfter: ["registry"],
  run: async ({ tools }) => {
    const model = await provideSmallModel(tools.path("ollama"), process.stderr);
    const present = await Promise.all(publishedAs.map(({ repository, tag }) => isPresent(repository, tag, model)));
    for (const [index, { repository, tag }] of publishedAs.entries()) {
      if (present[index] === true) continue;
      for (const digest of model.blobs) await uploadBlob(repository, model.store, digest);
      await request("PUT", `${apiOf(repository)}/manifests/${tag}`, model.manifest, {
        "content-type": "application/vnd.docker.distribution.manifest.v2+json",
      });
    }
  },
};

async function isPresent(repository: string, tag: string, { digest }: StoredModel): Promise<boolean> {
  const answer = await fetch(`${apiOf(repository)}/manifests/${tag}`, { method: "HEAD" });
  return answer.ok && answer.headers.get("docker-content-digest") === digest;
}

/** Opens an upload and sends the blob with its digest, which the registry checks. */
async function uploadBlob(repository: string, store: string, digest: string): Promise<void> {
  const api = apiOf(repository);
  const present = await fetch(`${api}/blobs/${digest}`, { method: "HEAD" });
  if (present.ok) return;
  const opened = await request("POST", `${api}/blobs/uploads/`);
  const location = new URL(opened.headers.get("location") ?? "", `${api}/`);
  location.searchParams.set("digest", digest);
  await request("PUT", location.href, await openAsBlob(blobFile(store, digest)), {
    "content-type": "application/octet-stream",
  });
}

async function request(
  method: string,
  url: string,
  body?: Blob | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const answer = await fetch(url, { method, body, headers });
  if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}: ${await answer.text()}`);
  return answer;
}
