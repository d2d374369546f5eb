/** Text table with left-aligned columns, two blanks apart. `rows` have as many cells as `header`. */
export function formatTable(header: string[], rows: string[][]): string {
  const lines = [header, header.map((cell) => "-".repeat(cell.length)), ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
