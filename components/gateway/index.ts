export * from "./files";
export * from "./check-input";
export * from "./input";
export * from "./limits";
export * from "./placement";
export * from "./pod";
export { serviceAccountSubject } from "./tokens";
