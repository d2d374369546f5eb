import { readFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";

/** A property of an interface. */
export interface Member {
  name: string;
  optional: boolean;
  /** The comment, on one line. */
  documentation: string;
}

/** A value of a choice. */
export interface Choice {
  value: string;
  documentation: string;
}

/** What a file of declarations declares. */
export interface Declarations {
  interfaces: Record<string, Member[]>;
  /** Names of the interfaces that an interface extends; what it has of them comes before its own. */
  bases: Record<string, string[]>;
  /** Objects whose values are the members of a type of the same name. */
  choices: Record<string, Choice[]>;
}

/** Reads what a TypeScript file exports from the files beside it, without checking types. */
export function readExports(index: string): Declarations {
  const source = ts.createSourceFile(index, readFileSync(index, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: Declarations = { interfaces: {}, bases: {}, choices: {} };
  for (const { moduleSpecifier, exportClause } of source.statements.filter(ts.isExportDeclaration)) {
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) continue;
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) continue;
    const file = readDeclarations(path.join(path.dirname(index), `${moduleSpecifier.text}.ts`));
    for (const { name } of exportClause.elements) {
      const [members, values] = [file.interfaces[name.text], file.choices[name.text]];
      if (members !== undefined) found.interfaces[name.text] = members;
      if (values !== undefined) found.choices[name.text] = values;
      found.bases[name.text] = file.bases[name.text] ?? [];
    }
  }
  for (const [name, members] of Object.entries(found.interfaces))
    members.unshift(...(found.bases[name] ?? []).flatMap((base) => found.interfaces[base] ?? []));
  return found;
}

/** Reads the interfaces and choices of a TypeScript file, without checking types. */
export function readDeclarations(file: string): Declarations {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: Declarations = { interfaces: {}, bases: {}, choices: {} };
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      found.interfaces[statement.name.text] = statement.members.filter(ts.isPropertySignature).map(memberOf);
      found.bases[statement.name.text] = (statement.heritageClauses ?? []).flatMap(({ types }) =>
        types.map((type) => type.expression.getText()),
      );
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const initializer = declaration.initializer;
        const object =
          initializer !== undefined && ts.isAsExpression(initializer) ? initializer.expression : initializer;
        if (object === undefined || !ts.isObjectLiteralExpression(object)) continue;
        const values = object.properties.filter(ts.isPropertyAssignment);
        if (values.some(({ initializer: value }) => !ts.isStringLiteral(value))) continue;
        found.choices[declaration.name.getText()] = values.map(choiceOf);
      }
    }
  }
  return found;
}

function memberOf(member: ts.PropertySignature): Member {
  return {
    name: member.name.getText(),
    optional: member.questionToken !== undefined,
    documentation: commentOf(member),
  };
}

function choiceOf(property: ts.PropertyAssignment): Choice {
  const { initializer } = property;
  if (!ts.isStringLiteral(initializer)) throw new Error(`${property.getText()} is not a text`);
  return { value: initializer.text, documentation: commentOf(property) };
}

function commentOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return comments
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
    .join(" ")
    .replace(/\s+/g, " ")
    .trim();
}
