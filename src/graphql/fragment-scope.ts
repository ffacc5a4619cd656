import {
  GraphQLError,
  isInputType,
  Kind,
  print,
  typeFromAST,
  type ArgumentNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type ValueNode,
  type VariableDefinitionNode,
} from "graphql";
import { coerceArguments, type CoercedVariables, type FragmentVariables } from "./coerce.js";

/** A spread as graphql 17 knows it. */
export interface SpreadNode extends FragmentSpreadNode {
  readonly arguments?: readonly ArgumentNode[];
}

/** A variable of a fragment, in the shape of an argument's definition. */
interface Signature {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly default: { readonly literal: ValueNode } | undefined;
}

/** The variables of a fragment at one of its spreads. They shadow those of the operation, and nothing inherits them. */
export interface FragmentScope {
  readonly spread: SpreadNode;
  readonly signatures: readonly Signature[];
  /** Whose variables the arguments of the spread name; null: the operation's alone. */
  readonly above: FragmentScope | null;
  /** Variable → how many nodes its value has, written out. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly id: number;
}

/** The scope of a fragment at a spread within another scope; null: it has no variables. */
export type ScopeOf = (
  spread: SpreadNode,
  fragment: FragmentDefinitionNode,
  around: FragmentScope | null,
) => FragmentScope | null;

/** A scope costs as much as this many selections: it brings nodes and values of its own. */
const SCOPE_STEPS = 10;

/**
 * Makes the function that tells the scopes of a document apart.
 *
 * @param spend - Called with the size of what has to be looked at. A chain of fragments can double a value at each.
 */
export function createScopes(schema: GraphQLSchema, spend: (steps: number) => void): ScopeOf {
  const signatures = new Map<FragmentDefinitionNode, readonly Signature[]>();
  const scopes = new Map<SpreadNode, Map<FragmentScope | null, FragmentScope>>();
  let count = 0;

  function signaturesOf(fragment: FragmentDefinitionNode): readonly Signature[] {
    let known = signatures.get(fragment);
    if (known === undefined) {
      // Of two variables with one name the executor takes the last.
      const byName = new Map(
        fragment.variableDefinitions!.map((definition) => [
          definition.variable.name.value,
          signatureOf(schema, definition),
        ]),
      );
      signatures.set(fragment, (known = [...byName.values()]));
    }
    return known;
  }

  return function scopeOf(spread, fragment, around) {
    if (!fragment.variableDefinitions?.length) return null;
    const given = new Map<string, number>();
    let above: FragmentScope | null = null;
    for (const { name, value } of spread.arguments ?? []) {
      const size = sizeOf(value, around);
      spend(size);
      given.set(name.value, size);
      if (around !== null && mentions(value, around)) above = around;
    }
    const own = signaturesOf(fragment);
    const sizes = new Map<string, number>();
    for (const { name, default: fallback } of own) {
      const size = (given.get(name) ?? 1) + (fallback ? sizeOf(fallback.literal, null) : 0);
      spend(size);
      sizes.set(name, size);
    }
    let ofSpread = scopes.get(spread);
    if (ofSpread === undefined) scopes.set(spread, (ofSpread = new Map()));
    let scope = ofSpread.get(above);
    if (scope === undefined) {
      spend(SCOPE_STEPS);
      scope = { spread, signatures: own, above, sizes, id: ++count };
      ofSpread.set(above, scope);
    }
    return scope;
  };
}

/**
 * The values of a scope's variables in a request, by the executor's own coercion.
 *
 * @param known - What this request has asked for before.
 * @throws GraphQLError when an argument of a spread does not fit.
 */
export function fragmentVariablesOf(
  scope: FragmentScope,
  variables: CoercedVariables,
  known: Map<FragmentScope, FragmentVariables>,
): FragmentVariables {
  const missing: FragmentScope[] = [];
  for (let at: FragmentScope | null = scope; at !== null && !known.has(at); at = at.above) {
    missing.push(at);
  }
  // From the outermost in, without recursion: fragments can be nested deeper than any stack.
  for (const at of missing.reverse()) {
    known.set(at, evaluate(at, variables, at.above === null ? undefined : known.get(at.above)));
  }
  return known.get(scope)!;
}

function evaluate(
  { spread, signatures }: FragmentScope,
  variables: CoercedVariables,
  above: FragmentVariables | undefined,
): FragmentVariables {
  const given = new Map(spread.arguments?.map(({ name, value }) => [name.value, value]));
  const sources = Object.create(null) as Record<string, unknown>;
  for (const signature of signatures) {
    const value = given.get(signature.name);
    sources[signature.name] = { signature, value, fragmentVariableValues: above };
  }
  const coerced = coerceArguments({ args: signatures }, spread, variables, above);
  return { sources, coerced };
}

/** How many nodes a value has once the variables of its scope are written out. */
export function sizeOf(value: ValueNode, scope: FragmentScope | null): number {
  if (value.kind === Kind.VARIABLE) return scope?.sizes.get(value.name.value) ?? 1;
  return partsOf(value).reduce((sum, part) => sum + sizeOf(part, scope), 1);
}

function mentions(value: ValueNode, scope: FragmentScope): boolean {
  if (value.kind === Kind.VARIABLE) return scope.sizes.has(value.name.value);
  return partsOf(value).some((part) => mentions(part, scope));
}

function partsOf(value: ValueNode): readonly ValueNode[] {
  if (value.kind === Kind.LIST) return value.values;
  return value.kind === Kind.OBJECT ? value.fields.map((field) => field.value) : [];
}

function signatureOf(
  schema: GraphQLSchema,
  { variable, type: typeNode, defaultValue }: VariableDefinitionNode,
): Signature {
  const name = variable.name.value;
  if (name === "__proto__") {
    throw new GraphQLError("No variable can have this name.", { nodes: [variable] });
  }
  const type = typeFromAST(schema, typeNode);
  if (!isInputType(type)) {
    const message = `Variable "$${name}" expected value of type "${print(typeNode)}" which cannot be used as an input type.`;
    throw new GraphQLError(message, { nodes: [typeNode] });
  }
  return { name, type, default: defaultValue && { literal: defaultValue } };
}
