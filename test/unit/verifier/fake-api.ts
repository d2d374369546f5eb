import type { ApiReply, ApiRequest, ClusterApi } from "../../../verifier/cluster-api";

/** An API server that answers as a test says; what it was asked is kept in `asked`. */
export function fakeApi(answer: (request: ApiRequest) => ApiReply | Error): ClusterApi & { asked: ApiRequest[] } {
  const asked: ApiRequest[] = [];
  return {
    server: "https://fake.invalid",
    asked,
    request(request) {
      asked.push(request);
      const reply = answer(request);
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
    close: () => undefined,
  };
}

export const ok = (body: unknown): ApiReply => ({ status: 200, body });

/** A refusal with its message, as the API server writes it. */
export const refused = (status: number, message: string): ApiReply => ({
  status,
  body: { kind: "Status", status: "Failure", message },
});
