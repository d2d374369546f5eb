/**
 * The layers of the sources, and that no file depends on itself through others. Imports of types count: a circle of
 * types is a circle for whoever reads or moves the files.
 */

/** A rule that files of one place import nothing from another. */
const never = (name, comment, from, to) => ({
  name,
  comment,
  severity: "error",
  from: { path: from },
  to: { path: to },
});

/** A rule that no file of a place comes back to itself through what it imports. */
const noCircle = (name, path) => ({
  name,
  comment: "A circle of files can only be read, moved and tested as one.",
  severity: "error",
  from: { path },
  to: { circular: true },
});

const rules = [
  noCircle("no-circle", "^(components|policy-pack|tools|verifier|bench)/"),
  never(
    "pack-judges-alone",
    "The policy pack knows nothing of the components that it judges: a mistake in them must not be one in it.",
    "^policy-pack/",
    "^components/",
  ),
  never("components-without-pack", "Components are used without the pack.", "^components/", "^policy-pack/"),
  never(
    "model-first",
    "The pack's model of a cluster and its settings rest on nothing else of the pack.",
    "^policy-pack/(model|settings)/",
    "^policy-pack/(readers|analysis|rules)/",
  ),
  never(
    "readers-before-analysis",
    "What objects say is read before anything is concluded from it.",
    "^policy-pack/readers/",
    "^policy-pack/(analysis|rules)/",
  ),
  never(
    "plan-without-files",
    "A plan is made of values, wherever they were written.",
    "^components/plan/",
    "^components/config/",
  ),
  never(
    "product-without-tools",
    "What is deployed uses no tool and no test.",
    "^(components/|policy-pack/|program\\.ts|index\\.ts)",
    "^(tools|test|bench)/",
  ),
  never("tools-without-tests", "Tools use no test.", "^(tools|verifier)/", "^test/"),
  never(
    "spec-first",
    "The declaration rests neither on files nor on objects.",
    "^components/spec/",
    "^components/(config|plan)/",
  ),
  never(
    "models-first",
    "Sizes and names of models rest on nothing but the forms of single values.",
    "^components/models/",
    "^(components/(?!models/|spec/forms\\.ts)|policy-pack/|verifier/)",
  ),
  never(
    "forms-alone",
    "Forms of single values are the first that a declaration is made of.",
    "^components/spec/forms\\.ts",
    "^(components|policy-pack|verifier)/",
  ),
  never("files-without-plan", "Reading files makes no objects.", "^components/config/", "^components/plan/"),
  never(
    "analysis-before-rules",
    "Rules ask analyses, never the other way round.",
    "^policy-pack/analysis/",
    "^policy-pack/rules/",
  ),
  never(
    "rules-without-comparison",
    "Two states are compared by the rules' verdicts on them, which know of no comparison.",
    "^policy-pack/(model|settings|readers|analysis|rules)/",
    "^policy-pack/change/",
  ),
];

module.exports = {
  forbidden: rules,
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|bin|\\.local)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".mjs", ".cjs", ".json"] },
  },
};
