import type { Integer } from "./forms";

/** What one request to a tenant's servers may cost, and how long an answer may take. */
export interface ServerLimitsSpec {
  /**
   * Longest body of a request in bytes; bodies are held in memory while they are judged. Default: 8388608, 8 MiB, a photo of a phone.
   * @minimum 65536 @maximum 67108864 @default 8388608 @examples [4194304]
   */
  maxBodyBytes?: Integer;
  /**
   * Most tokens that one request may generate. Default: 4096.
   * @minimum 1 @maximum 10000000 @default 4096 @examples [16384]
   */
  maxTokens?: Integer;
  /**
   * Most messages of one conversation, calls of tools and their results included. Default: 4096.
   * @minimum 1 @maximum 1000000 @default 4096 @examples [1000]
   */
  maxMessages?: Integer;
  /**
   * Most texts of one embedding request. Default: 2048, as many as OpenAI's own API takes.
   * @minimum 1 @maximum 1000000 @default 2048 @examples [256]
   */
  maxInputs?: Integer;
  /**
   * Most images of one request, those of earlier messages included. Default: 32.
   * @minimum 1 @maximum 10000 @default 32 @examples [8]
   */
  maxImages?: Integer;
  /**
   * Most tools of one request. Default: 512.
   * @minimum 1 @maximum 100000 @default 512 @examples [128]
   */
  maxTools?: Integer;
  /**
   * Seconds for which an answer may be silent, the time in which a model is loaded included. Default: 900.
   * @minimum 1 @maximum 86400 @default 900 @examples [1800]
   */
  maxSilenceSeconds?: Integer;
  /**
   * Seconds after which an answer is ended, however it goes on. Default: 3600.
   * @minimum 1 @maximum 86400 @default 3600 @examples [7200]
   */
  maxAnswerSeconds?: Integer;
  /**
   * Seconds for which clients are still let in when the gateway cannot read its policy any more; a key that was withdrawn may be among them. Default: 300.
   * @minimum 1 @maximum 86400 @default 300 @examples [60]
   */
  unreadablePolicySeconds?: Integer;
}
