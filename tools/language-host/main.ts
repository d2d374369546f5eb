import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { endWithEngine } from "./lifetime";
import { languageRuntime } from "./service";

/** Whole stacks with all their properties travel in one message; gRPC's own limit of 4 MB is soon reached. */
const MESSAGE_BYTES = 400 * 1024 * 1024;

/**
 * Language host for Node.js programs, for machines that lack the official `pulumi-language-nodejs`: the engine finds it by
 * that name on PATH, passes its own address as the last argument and reads the port from the first line of output.
 */
function main(args: string[]): void {
  endWithEngine();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MESSAGE_BYTES,
    "grpc.max_send_message_length": MESSAGE_BYTES,
  });
  server.addService(LanguageRuntimeService, languageRuntime(args.at(-1) ?? ""));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      console.error(`The language host cannot listen on the loopback address: ${error.message}`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
}

main(process.argv.slice(2));
