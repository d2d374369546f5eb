export * from "./files";
export * from "./input";
export * from "./limits";
export * from "./placement";
export * from "./pod";
export { serviceAccountSubject } from "./tokens";
