/** What one request to a tenant's servers may cost, and how long an answer may take. */
export interface ServerLimitsSpec {
  /** Longest body of a request in bytes; bodies are held in memory while they are judged. Default: 8388608, 8 MiB, a photo of a phone. */
  maxBodyBytes?: number;
  /** Most tokens that one request may generate. Default: 4096. */
  maxTokens?: number;
  /** Most messages of one conversation, calls of tools and their results included. Default: 4096. */
  maxMessages?: number;
  /** Most texts of one embedding request. Default: 2048, as many as OpenAI's own API takes. */
  maxInputs?: number;
  /** Most images of one request, those of earlier messages included. Default: 32. */
  maxImages?: number;
  /** Most tools of one request. Default: 512. */
  maxTools?: number;
  /** Seconds for which an answer may be silent, the time in which a model is loaded included. Default: 900. */
  maxSilenceSeconds?: number;
  /** Seconds after which an answer is ended, however it goes on. Default: 3600. */
  maxAnswerSeconds?: number;
  /** Seconds for which clients are still let in when the gateway cannot read its policy any more; a key that was withdrawn may be among them. Default: 300. */
  unreadablePolicySeconds?: number;
}
