/**
 * Definitions of the directives that mark a schema. Put them beside your own type definitions:
 * `buildSchema(accessDirectives + sdl)`, or `typeDefs: [accessDirectives, sdl]`.
 *
 * - `@apiKey`: any valid key; on a mutation one that has Write on some library. `level` asks for some library at it.
 * - `@organization`: the argument or input field names an organization, which must be the caller's own.
 *   `whenOmitted: CALLERS`: left out, the resolver receives the caller's.
 * - `@library`: it names a library, or a list of them. Below a mutation Write is needed, otherwise Read; `level`
 *   overrides that. `whenOmitted: REACHABLE` hands the resolver the libraries that the caller reaches; `NONE` names nothing.
 * - `@inLibrary`: objects of this type belong to the library named by these properties of the resolved value, such as
 *   `"libraryId"` or `"library.id"`.
 * - `@namespace`: the fields of this field's type count as root fields.
 * - `@positional`: a list keeps the places of objects that are out of reach, with nulls.
 * - `@unmarked`: no target here, and why.
 */
export const accessDirectives = /* GraphQL */ `
  enum ApiKeyLevel {
    READ
    WRITE
  }
  enum ApiKeyWhenOmitted {
    REACHABLE
    CALLERS
    NONE
  }
  directive @apiKey(level: ApiKeyLevel) on FIELD_DEFINITION
  directive @organization(
    whenOmitted: ApiKeyWhenOmitted
  ) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
  directive @library(
    level: ApiKeyLevel
    whenOmitted: ApiKeyWhenOmitted
  ) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
  directive @inLibrary(organization: String, id: String!) on OBJECT | INTERFACE
  directive @namespace on FIELD_DEFINITION
  directive @positional on FIELD_DEFINITION
  directive @unmarked(
    why: String!
  ) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | FIELD_DEFINITION | OBJECT
`;
