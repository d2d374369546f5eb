import * as http from "node:http";
import { kubectlJson, type Kubectl } from "../../support/kubectl";

/** A stream of a model's answer that has begun. */
export interface ModelStream {
  /** Waits for its end. `whole` when the model said that it is done; `tokens` is how many chunks came. */
  end(): Promise<{ whole: boolean; tokens: number }>;
  /** Whether it has ended. */
  hasEnded(): boolean;
}

/**
 * Asks hr's model through the tenant's Service with the key of the client `portal`, from the node itself.
 *
 * @param tokens Length of the answer.
 * @throws Error when the answer is not 200, or no chunk comes.
 */
export async function openStream(kubectl: Kubectl, tokens: number): Promise<ModelStream> {
  const { spec } = await kubectlJson<{ spec: { clusterIP: string; ports: { port: number }[] } }>(
    kubectl,
    ...["get", "service", "ollama", "--namespace", "tenant-hr"],
  );
  const { data } = await kubectlJson<{ data: Record<string, string> }>(
    kubectl,
    ...["get", "secret", "client-portal", "--namespace", "tenant-hr"],
  );
  const key = Buffer.from(data["OLLAMA_API_KEY"] ?? "", "base64").toString();
  const body = JSON.stringify({
    model: "smollm2:135m",
    prompt: "Count from one to five hundred in words: one, two, three,",
    options: { num_predict: tokens },
  });
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: spec.clusterIP, port: spec.ports[0]?.port, path: "/api/generate", method: "POST", headers, agent: false },
      (answer) => {
        if (answer.statusCode !== 200) {
          answer.resume();
          reject(new Error(`the door answers ${answer.statusCode}`));
          return;
        }
        let count = 0;
        let last = "";
        let over = false;
        const ended = new Promise<{ whole: boolean; tokens: number }>((end) => {
          answer.once("close", () => {
            // Nothing any more when a chunk has come before.
            reject(new Error("the answer ended before its first chunk"));
            over = true;
            end({ whole: last.includes('"done":true'), tokens: count });
          });
        });
        answer.on("error", () => undefined);
        answer.setEncoding("utf8").on("data", (text: string) => {
          last = text;
          if (count++ === 0) resolve({ end: () => ended, hasEnded: () => over });
        });
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
