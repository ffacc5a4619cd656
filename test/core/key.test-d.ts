import { describe, expectTypeOf, it } from "vitest";
import {
  createKeyFormat,
  createKeyHasher,
  type FillRandom,
  type KeyFormat,
  type KeyFormatOptions,
  type KeyHasher,
} from "../../src/index.js";

describe("createKeyFormat", () => {
  it("takes options or none", () => {
    expectTypeOf(createKeyFormat).parameters.toEqualTypeOf<[(KeyFormatOptions | undefined)?]>();
    expectTypeOf(createKeyFormat).returns.toEqualTypeOf<KeyFormat>();
    expectTypeOf<KeyFormatOptions>().toEqualTypeOf<{
      readonly prefix?: string;
      readonly checksum?: "verify" | "ignore";
      readonly fillRandom?: FillRandom;
    }>();
    createKeyFormat({ fillRandom: (target) => crypto.getRandomValues(target) });
    // @ts-expect-error verify or ignore
    createKeyFormat({ checksum: false });
    // @ts-expect-error the length is fixed
    createKeyFormat({ length: 64 });
    // @ts-expect-error bytes are filled in, not answered
    createKeyFormat({ fillRandom: (length: number) => new Uint8Array(length) });
  });

  it("answers functions of text", () => {
    expectTypeOf<KeyFormat>().toEqualTypeOf<{
      readonly prefix: string;
      generate(): string;
      matches(text: string): boolean;
      hint(key: string): string;
      redact(text: string): string;
    }>();
  });
});

describe("createKeyHasher", () => {
  it("takes a pepper or none, as text or bytes", () => {
    expectTypeOf(createKeyHasher).parameter(0).toEqualTypeOf<string | Uint8Array | undefined>();
    expectTypeOf(createKeyHasher).returns.toEqualTypeOf<KeyHasher>();
    expectTypeOf<KeyHasher>().toEqualTypeOf<(key: string) => string>();
    createKeyHasher(Buffer.alloc(16), null);
    // @ts-expect-error null is no pepper
    createKeyHasher(null);
    // @ts-expect-error numbers are no bytes
    createKeyHasher([1, 2, 3]);
  });
});
