/** Descriptions of random schemas: what the generator makes, the printer prints and the oracle reads. */

export type Level = "read" | "write";

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type TypeRef =
  | { readonly name: string; readonly nonNull: boolean }
  | { readonly list: TypeRef; readonly nonNull: boolean };

/** Where a mark is written: in SDL, as a rule of its coordinate, or as the rule of a wildcard. */
export type Said = "sdl" | "rule" | "wildcard";

/** `@organization` or `@library`. */
export interface ValueMark {
  readonly names: "organization" | "library";
  readonly level: Level | null;
  readonly whenOmitted: "callers" | "reachable" | "none" | null;
  readonly said: Said;
}

/** An argument or an input field. */
export interface InputValue {
  readonly name: string;
  readonly type: TypeRef;
  readonly default?: Json;
  readonly marks: readonly ValueMark[];
  /** A member of a `@oneOf` that names nothing. */
  readonly unmarked?: boolean;
}

export interface Input {
  readonly name: string;
  readonly oneOf: boolean;
  readonly fields: readonly InputValue[];
}

export type FieldMark =
  | { readonly kind: "apiKey"; readonly level: Level | null; readonly said: Said }
  /** The argument holds texts such as `"monogram/barcelona"`. */
  | {
      readonly kind: "targets";
      readonly argument: string;
      readonly level: Level | null;
      readonly late: boolean;
    }
  | { readonly kind: "withAccess"; readonly argument: string; readonly level: Level }
  | { readonly kind: "namespace" | "positional"; readonly said: Said };

/** Which of the spots of `data.ts` an object of a type is at. */
export interface ObjectRef {
  readonly type: string;
  readonly spot: number;
}

export type Answer = null | number | string | ObjectRef | readonly Answer[];

/** How lists and objects are answered; `"sometimes"`: by a promise, of half of the objects that have the field. */
export type Manner = "plain" | "promise" | "sometimes" | "items" | "iterable" | "generator";

export interface Field {
  readonly name: string;
  readonly args: readonly InputValue[];
  readonly type: TypeRef;
  readonly marks: readonly FieldMark[];
  /** `@unmarked`: what it takes names nothing. */
  readonly unmarked: boolean;
  /** What its resolver answers, whatever it is asked. */
  readonly answer: Answer;
  readonly manner: Manner;
}

/** `@inLibrary`: paths of properties. */
export interface Place {
  readonly organization: string | null;
  readonly id: string;
  readonly said: Said;
}

export interface Composite {
  readonly kind: "object" | "interface" | "union";
  readonly name: string;
  readonly fields: readonly Field[];
  /** Interfaces of an object. */
  readonly implements: readonly string[];
  /** Objects of a union. */
  readonly members: readonly string[];
  readonly places: readonly Place[];
  /** `@unmarked` */
  readonly unmarked: boolean;
}

export interface World {
  readonly types: readonly Composite[];
  readonly inputs: readonly Input[];
  readonly query: string;
  readonly mutation: string;
  /** Whether libraries come with organizations, or the options that lift it. */
  readonly organizations: "named" | "callers" | "global";
  readonly introspection: "callers" | "none";
  /** How objects behind interfaces and unions say their type. */
  readonly typesBy: "typename" | "resolveType" | "resolveTypeLate" | "isTypeOf";
}

export function typeOf(world: World, name: string): Composite | undefined {
  return world.types.find((type) => type.name === name);
}

export function inputOf(world: World, name: string): Input | undefined {
  return world.inputs.find((input) => input.name === name);
}

/** The object types that a value of a type can be. */
export function possibleOf(world: World, name: string): readonly Composite[] {
  return world.types.filter(
    (type) =>
      type.kind === "object" &&
      (type.name === name ||
        type.implements.includes(name) ||
        typeOf(world, name)!.members.includes(type.name)),
  );
}

/** The name in the middle of a type. */
export function nameOf(type: TypeRef): string {
  return "list" in type ? nameOf(type.list) : type.name;
}

export function named(name: string, nonNull = false): TypeRef {
  return { name, nonNull };
}

export function listOf(list: TypeRef, nonNull = false): TypeRef {
  return { list, nonNull };
}
