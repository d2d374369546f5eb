/** Every way to lose or to change one entry of a table that is written in a source file. */
import * as ts from "typescript";

/** A source file with one entry altered. */
export interface AlteredSource {
  /** What is altered, with its line: `12: "nfs.csi.k8s.io" removed`. */
  what: string;
  text: string;
}

/** Constants that bound what is remembered: no facts. */
const memoryBound = /^(MOST|LONG)_/;

/**
 * Takes away each item of each list, each property of each object and each alternative of each pattern in the tables of a
 * file: its constants, and the calls that they are made of.
 */
export function alterations(file: string, text: string): AlteredSource[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const found: AlteredSource[] = [];
  const add = (node: ts.Node, what: string, start: number, end: number, by: string): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push({ what: `${line + 1}: ${what}`, text: text.slice(0, start) + by + text.slice(end) });
  };
  const remove = (nodes: ts.NodeArray<ts.Node>): void => {
    for (const node of nodes) {
      if (ts.isSpreadElement(node) || ts.isSpreadAssignment(node)) continue;
      const after = text[node.getEnd()] === "," ? 1 : 0;
      add(node, `${short(node.getText())} removed`, node.getStart(), node.getEnd() + after, "");
    }
  };
  const visit = (node: ts.Node): void => {
    // Tables are constants; functions only read them.
    if (ts.isFunctionDeclaration(node) || ts.isArrowFunction(node) || ts.isTypeNode(node)) return;
    if (ts.isVariableDeclaration(node) && memoryBound.test(node.name.getText())) return;
    if (ts.isArrayLiteralExpression(node)) remove(node.elements);
    if (ts.isObjectLiteralExpression(node)) remove(node.properties);
    if (ts.isRegularExpressionLiteral(node))
      for (const { start, end, alternative } of alternatives(node.text))
        add(node, `${short(alternative)} removed from a pattern`, node.getStart() + start, node.getStart() + end, "");
    if (ts.isNumericLiteral(node)) {
      const value = Number(node.text);
      if (value > 0) add(node, `${value} lowered`, node.getStart(), node.getEnd(), String(value - 1));
      if (value > 0) add(node, `${value} raised`, node.getStart(), node.getEnd(), String(value + 1));
    }
    ts.forEachChild(node, visit);
  };
  source.statements.filter((statement) => ts.isVariableStatement(statement)).forEach(visit);
  return found;
}

const short = (text: string): string => text.replace(/\s+/g, " ").slice(0, 60);

/** Alternatives of the groups of a pattern, each with one bar beside it; places in the pattern's text. */
function alternatives(pattern: string): { start: number; end: number; alternative: string }[] {
  const found: { start: number; end: number; alternative: string }[] = [];
  const groups: { open: number; bars: number[] }[] = [{ open: 0, bars: [] }];
  const close = (end: number): void => {
    const { open, bars } = groups.pop() ?? { open: 0, bars: [] };
    if (bars.length === 0) return;
    const edges = [open, ...bars, end];
    for (let index = 0; index < edges.length - 1; index++) {
      const from = edges[index] ?? 0;
      const to = edges[index + 1] ?? 0;
      const first = index === 0;
      const start = first ? from + 1 : from;
      const alternative = pattern.slice(from + 1, to).replace(/^\?[:!=]/, "");
      const prefix = first ? (/^\?[:!=]/.exec(pattern.slice(from + 1))?.[0].length ?? 0) : 0;
      found.push({ start: start + prefix, end: first ? to + 1 : to, alternative });
    }
  };
  let inClass = false;
  for (let index = 1; index < pattern.lastIndexOf("/"); index++) {
    const character = pattern[index];
    if (character === "\\") index++;
    else if (inClass) inClass = character !== "]";
    else if (character === "[") inClass = true;
    else if (character === "(") groups.push({ open: index, bars: [] });
    else if (character === "|") groups.at(-1)?.bars.push(index);
    else if (character === ")") close(index);
  }
  close(pattern.lastIndexOf("/"));
  return found;
}
