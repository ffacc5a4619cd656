import { describe, expectTypeOf, it } from "vitest";
import type {
  ApiKeyError,
  Authentication,
  AuthenticationFailure,
  Caller,
  KeyFailure,
} from "../../src/index.js";

describe("Authentication", () => {
  it("has a caller only if it is ok, and a reason only if not", () => {
    const result = null as unknown as Authentication;
    // @ts-expect-error not known to be ok
    void (() => result.caller);
    // @ts-expect-error not known to be refused
    void (() => result.reason);
    const read = () => {
      if (result.ok) return expectTypeOf(result.caller).toEqualTypeOf<Caller>();
      expectTypeOf(result).toEqualTypeOf<AuthenticationFailure>();
      expectTypeOf(result.reason).toEqualTypeOf<KeyFailure>();
      return expectTypeOf(result.error).toEqualTypeOf<ApiKeyError | undefined>();
    };
    void read;
  });
});
