/** Flags of the Go linker for a program without symbol table and debugging information. */
export const STRIPPED = ["-s", "-w"] as const;
