import { readFileSync } from "node:fs";
import ts from "typescript";

/** A property of an interface. */
export interface Member {
  name: string;
  /** The type as it is written, for example `string[]`. */
  type: string;
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
  /** Objects whose values are the members of a type of the same name. */
  choices: Record<string, Choice[]>;
}

/** Reads the interfaces and choices of a TypeScript file, without checking types. */
export function readDeclarations(file: string): Declarations {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const found: Declarations = { interfaces: {}, choices: {} };
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      found.interfaces[statement.name.text] = statement.members.filter(ts.isPropertySignature).map(memberOf);
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        const initializer = declaration.initializer;
        const object =
          initializer !== undefined && ts.isAsExpression(initializer) ? initializer.expression : initializer;
        if (object === undefined || !ts.isObjectLiteralExpression(object)) continue;
        found.choices[declaration.name.getText()] = object.properties.filter(ts.isPropertyAssignment).map(choiceOf);
      }
    }
  }
  return found;
}

function memberOf(member: ts.PropertySignature): Member {
  return {
    name: member.name.getText(),
    type: member.type?.getText() ?? "any",
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
