/** Answers of the servers of the benchmarks. */

/** An answer with the members that Ollama writes, in its order. */
export const ANSWER = JSON.stringify({
  model: "m",
  created_at: "2026-01-01T00:00:00.000000000Z",
  message: { role: "assistant", content: "ok" },
  done: true,
  done_reason: "stop",
  total_duration: 123456789,
  load_duration: 12345678,
  prompt_eval_count: 11,
  prompt_eval_duration: 23456789,
  eval_count: 3,
  eval_duration: 34567890,
});

/** An answer of the other API. */
export const OPENAI_ANSWER = JSON.stringify({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 },
});
