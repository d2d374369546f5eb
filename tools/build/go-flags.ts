/** Flags of the Go linker for a program without symbol table and debug information: a third smaller, and nobody here debugs it. */
export const STRIPPED = ["-s", "-w"] as const;
