import * as pulumi from "@pulumi/pulumi";

/**
 * An error that ends the program with its message and nothing else.
 *
 * It names no lines of code. The SDK formats the whole stack of every error that ends a program, also of one whose stack it does not
 * show, and Node.js 22 takes half a minute for a path that ends right behind an npm scope, as source maps make them.
 *
 * @param message What is wrong and how to put it right.
 */
export function refusal(message: string): pulumi.RunError {
  const error = new pulumi.RunError(message);
  error.stack = `${error.name}: ${message}`;
  return error;
}
