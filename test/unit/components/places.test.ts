import assert from "node:assert/strict";
import { leaveOutPlaces } from "../../../components/places";

describe("places in the program", () => {
  const { prepareStackTrace } = Error;
  afterEach(() => (Error.prepareStackTrace = prepareStackTrace));

  it("are searched for in source maps for errors that say something, and for no others", () => {
    const searched: string[] = [];
    Error.prepareStackTrace = ({ message }) => {
      searched.push(message);
      return "mapped";
    };
    leaveOutPlaces();
    const { stack } = new Error("a fault");
    assert.equal(stack, "mapped");
    assert.match(`${new Error("").stack}`, /^Error\n {4}at .*places\.test\.ts/);
    assert.deepEqual(searched, ["a fault"]);
  });
});
