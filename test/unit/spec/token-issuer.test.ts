import { strict as assert } from "node:assert";
import { assertFault, faultsAfter, placeOf, stackPlace, type Files } from "../config/fixture";

const key = { kty: "RSA", kid: "one", alg: "RS256", use: "sig", n: "n".repeat(342), e: "AQAB" };
const issuer = (...keys: object[]) => ({
  url: "https://issuer.example.com",
  jwks: { keys: keys.map((one) => ({ ...one })) },
});
const issuedWith =
  (...keys: object[]) =>
  ({ config }: Files) =>
    (config.cluster.serviceAccountIssuer = issuer(...keys));
const issuerPlace = (way: string) => stackPlace(`cluster.serviceAccountIssuer.${way}`);

describe("the issuer of tokens", () => {
  it("is refused with a key that is weak, incomplete or of another's name", () => {
    assertFault(issuedWith({ ...key, n: "short" }), issuerPlace("jwks.keys[0].n"), /shorter than 2048 bits/);
    assertFault(issuedWith({ ...key, e: undefined }), issuerPlace("jwks.keys[0].e"), /type RSA needs/);
    assertFault(issuedWith(key, key), issuerPlace("jwks.keys[1].kid"), /earlier key/);
  });

  for (const member of ["d", "p", "qi", "k"]) {
    it(`is refused with ${member}, a member of private keys, and the value is not shown`, () => {
      const faults = faultsAfter(issuedWith({ ...key, [member]: "Pr1vateK3y" }));
      assert.deepEqual(faults.map(placeOf), [issuerPlace(`jwks.keys[0].${member}`)]);
      assert.match(faults[0]?.fix ?? "", /^remove it$/);
      assert.ok(!JSON.stringify(faults).includes("Pr1vateK3y"));
    });
  }
});
