import ts from "typescript";

/**
 * Comments of the members of choices: constant objects that a type of the same name takes its values from.
 *
 * @returns The comments by the name of the choice, in the order of its values; without choices of members that say nothing.
 */
export function choiceDescriptions(program: ts.Program): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter(({ isDeclarationFile }) => !isDeclarationFile);
  for (const statement of files.flatMap((file) => [...file.statements]).filter(ts.isVariableStatement)) {
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer === undefined || !ts.isAsExpression(initializer)) continue;
      if (!ts.isObjectLiteralExpression(initializer.expression)) continue;
      const comments = initializer.expression.properties.map((member) =>
        ts.displayPartsToString(
          member.name && checker.getSymbolAtLocation(member.name)?.getDocumentationComment(checker),
        ),
      );
      if (comments.some((comment) => comment !== "")) found.set(name.getText(), comments);
    }
  }
  return found;
}
