import type { LibraryRef } from "../../core/access.js";
import { checkFunction, checkObject, checkOptions } from "../../core/check.js";

/** What a proof cannot make up by itself. */
export interface ProofSamples {
  /**
   * By coordinate of a field with `targets()` or `withAccess`: arguments for which its loader or selector answers this
   * library. Marked arguments are filled in without it. The loader itself runs.
   */
  readonly targets?: Readonly<
    Record<string, (library: LibraryRef) => Readonly<Record<string, unknown>>>
  >;
  /** By name of a marked type: a resolved value of this library, where `inLibrary` takes more than properties. */
  readonly objects?: Readonly<Record<string, (library: LibraryRef) => object>>;
  /**
   * By coordinate of an argument or input field, or by name of a scalar: a value for it, as JSON. A function is for
   * places that name a library or organization, and answers how this id is written there. A value for an argument that
   * is `unmarked` and has the name of a marked one says that it names no library.
   */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Makes a new object with what loaders and selectors read from the context. Asked for every operation. */
  readonly context?: () => object;
}

/** Throws unless samples are as described and their names are among those that can have one. */
export function checkSamples(
  samples: ProofSamples,
  known: { readonly targets: Names; readonly objects: Names; readonly values: Names },
): void {
  checkOptions("samples", samples, ["targets", "objects", "values", "context"]);
  if (samples.context !== undefined) checkFunction("samples.context", samples.context);
  for (const kind of ["targets", "objects", "values"] as const) {
    const given: object = samples[kind] ?? {};
    checkObject(`samples.${kind}`, given);
    for (const [name, sample] of Object.entries(given)) {
      const where = `samples.${kind}[${JSON.stringify(name)}]`;
      if (!known[kind].has(name)) throw new TypeError(`"${where}" is of no use: ${USES[kind]}`);
      if (kind !== "values") checkFunction(where, sample);
    }
  }
}

type Names = ReadonlySet<string>;

const USES = {
  targets: "the name is that of a field with targets() or withAccess, as Type.field",
  objects: "the name is that of a marked object type",
  values: "the name is that of a scalar, an argument, as Type.field(name:), or an input field",
};
