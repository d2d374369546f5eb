/** The public surface: every method and path that is answered. Whatever is not here is refused. */

/** A route of the public surface. */
export interface SurfaceRoute {
  /** Name, the same as in the guard's `routes.lua`. */
  name: string;
  /** Methods. */
  methods: string[];
  /** Exact path; a path that ends in `/` takes one more segment. */
  path: string;
  /** Whether the model works on the request, which may take long. */
  inference: boolean;
}

const get = (name: string, path: string, methods = ["GET"]): SurfaceRoute => ({
  name,
  methods,
  path,
  inference: false,
});
const infer = (name: string, path: string): SurfaceRoute => ({ name, methods: ["POST"], path, inference: true });

/** The public surface, from the routes that Ollama registers; those that manage models or leave the pod are left out. */
export const SURFACE: SurfaceRoute[] = [
  get("root", "/", ["GET", "HEAD"]),
  get("version", "/api/version", ["GET", "HEAD"]),
  get("tags", "/api/tags", ["GET", "HEAD"]),
  get("ps", "/api/ps"),
  get("openai_models", "/v1/models"),
  get("openai_model", "/v1/models/"),
  { name: "show", methods: ["POST"], path: "/api/show", inference: false },
  infer("chat", "/api/chat"),
  infer("generate", "/api/generate"),
  infer("embed", "/api/embed"),
  infer("embeddings", "/api/embeddings"),
  infer("openai_chat", "/v1/chat/completions"),
  infer("openai_completions", "/v1/completions"),
  infer("openai_embeddings", "/v1/embeddings"),
  infer("openai_responses", "/v1/responses"),
  infer("anthropic_messages", "/v1/messages"),
];
