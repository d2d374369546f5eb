/** Whether tests are run that take their time on real parts, by LONG_FORM=true, as in the nightly run. */
export const isLongForm = process.env["LONG_FORM"] === "true";

/** A test of the long form. Undefined in the short one. */
export const inLongForm: typeof it | undefined = isLongForm ? it : undefined;

/** Tests of the long form. Undefined in the short one, which has no tests that could be skipped. */
export const describeInLongForm: typeof describe | undefined = isLongForm ? describe : undefined;
