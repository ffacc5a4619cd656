import {
  getNamedType,
  GraphQLError,
  isAbstractType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from "graphql";
import type { Level } from "../core/access.js";
import { conditionsOf, type Condition } from "./conditions.js";
import { createScopes, sizeOf, type FragmentScope } from "./fragment-scope.js";
import { possibleTypes, type FieldPlan, type Model } from "./model.js";
import type { Entry, Node, Path, Plan } from "./plan.js";
import { shortcutsOf, textVariablesOf } from "./shortcut.js";
import { typesLeadingTo } from "./walk.js";

interface Work {
  readonly node: Node;
  readonly selections: SelectionSetNode;
  readonly on: GraphQLNamedType;
  readonly level: Level;
  readonly path: Path | null;
}

/** The meta fields that describe a schema. `__typename` does not. */
const META_FIELDS = new Set(["__schema", "__type"]);

/** The variables of an operation that are text, for what may take a fragment's instead. */
const NO_VARIABLES: ReadonlySet<string> = new Set();

/**
 * The most selections that are looked at for one plan, each once for every object type that it can be made on, and in
 * every scope; and the values that scopes multiply.
 */
const MAX_STEPS = 200_000;

/**
 * Makes the plans of a schema. Time and memory are linear in the document, whatever its fragments do, and in the object
 * types behind its interfaces and unions; the product is bounded. So is what fragments with arguments multiply.
 *
 * @throws GraphQLError from a plan of a document that exceeds it.
 */
export function createPlanner(
  schema: GraphQLSchema,
  model: Model,
  introspection: "callers" | "none",
): (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  /** Whether the executor knows fragment arguments. Otherwise they are an error. */
  fragmentArguments: boolean,
) => Plan {
  const asking = new Set(model.fields.keys());
  // Below its root too, and below whatever leads there again.
  if (introspection === "none") asking.add(schema.getQueryType()!.name);
  const leading = typesLeadingTo(asking, schema);

  return function plan(document, operation, fragmentArguments) {
    const fragments = fragmentsOf(document);
    const textVariables = textVariablesOf(schema, operation);
    const nodes = new Map<SelectionSetNode, Map<string, Node>>();
    const queue: Work[] = [];
    let loads = false;
    let steps = 0;

    const scopeOf = createScopes(schema, step);

    function step(count = 1): void {
      steps += count;
      if (steps > MAX_STEPS) throw new GraphQLError("The operation is too large to be checked.");
    }

    // A queue, not recursion: a chain of ten thousand fragments must not overflow the stack.
    function nodeOf(
      selections: SelectionSetNode,
      on: GraphQLNamedType,
      above: Level,
      path: Path | null,
      scope: FragmentScope | null,
    ): Node {
      const level = model.roots.get(on.name) ?? above;
      let byType = nodes.get(selections);
      if (byType === undefined) nodes.set(selections, (byType = new Map()));
      const key = scope === null ? `${level} ${on.name}` : `${level} ${on.name} ${scope.id}`;
      let node = byType.get(key);
      if (node === undefined) {
        byType.set(key, (node = { entries: [], edges: [], scope }));
        queue.push({ node, selections, on, level, path });
      }
      return node;
    }

    /** Selections on an interface or union are judged on every object type behind it. */
    function visitAbstract({ node, selections, on, level, path }: Work): void {
      for (const type of possibleTypes(schema, on)) {
        step();
        if (!leading.has(type.name)) continue;
        const to = nodeOf(selections, type, level, path, node.scope);
        node.edges.push({ to, conditions: [] });
      }
    }

    function visit(work: Work, on: GraphQLObjectType, selection: SelectionNode): void {
      step();
      const conditions = conditionsOf(selection.directives);
      if (conditions === null) return;
      if (selection.kind === Kind.FIELD) return visitField(work, on, selection, conditions);
      const isInline = selection.kind === Kind.INLINE_FRAGMENT;
      const fragment = isInline ? selection : fragments.get(selection.name.value);
      if (fragment === undefined || !applies(schema, fragment.typeCondition?.name.value, on))
        return;
      const { scope: around } = work.node;
      const scope = isInline
        ? around
        : scopeAt(selection, fragment as FragmentDefinitionNode, around);
      const to = nodeOf(fragment.selectionSet, on, work.level, work.path, scope);
      work.node.edges.push({ to, conditions });
    }

    function scopeAt(
      spread: FragmentSpreadNode,
      fragment: FragmentDefinitionNode,
      around: FragmentScope | null,
    ): FragmentScope | null {
      if (!fragmentArguments && fragment.variableDefinitions?.length) {
        // Its executor would take the operation's variables instead.
        throw new GraphQLError("Fragment arguments are not supported.", { nodes: [fragment] });
      }
      return scopeOf(spread, fragment, around);
    }

    function visitField(
      { node, level, path: parent }: Work,
      on: GraphQLObjectType,
      selection: FieldNode,
      conditions: readonly Condition[],
    ): void {
      const name = selection.name.value;
      const fields = on.getFields();
      const path: Path = { key: selection.alias?.value ?? name, parent };
      if (introspection === "none" && META_FIELDS.has(name) && on === schema.getQueryType()) {
        node.entries.push({ entry: metaEntry(on, selection, level, path), conditions });
      }
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (field === undefined) return; // as the executor does, which knows only meta fields besides
      const fieldPlan = model.fields.get(on.name)?.get(name);
      if (fieldPlan) {
        const { scope } = node;
        if (scope !== null)
          for (const { value } of selection.arguments ?? []) step(sizeOf(value, scope));
        // Text of a fragment's variable is not where a shortcut looks.
        const text = scope === null ? textVariables : NO_VARIABLES;
        const shortcuts = shortcutsOf(fieldPlan, field, selection, text);
        const entry = { plan: fieldPlan, field, node: selection, level, shortcuts, path, scope };
        node.entries.push({ entry, conditions });
        loads ||= fieldPlan.targets.length > 0;
      }
      const result = getNamedType(field.type);
      if (selection.selectionSet === undefined || !leading.has(result.name)) return;
      node.edges.push({
        to: nodeOf(selection.selectionSet, result, level, path, node.scope),
        conditions,
      });
    }

    const type = schema.getRootType(operation.operation)!;
    const root = nodeOf(operation.selectionSet, type, "read", null, null);
    for (let work = queue.pop(); work !== undefined; work = queue.pop()) {
      const { on, selections } = work;
      if (isObjectType(on))
        for (const selection of selections.selections) visit(work, on, selection);
      else visitAbstract(work);
    }
    return { operation, root, entries: unconditionalEntries(nodes), loads, steps };
  };
}

function unconditionalEntries(
  nodes: Map<SelectionSetNode, Map<string, Node>>,
): readonly Entry[] | null {
  const entries: Entry[] = [];
  for (const byType of nodes.values()) {
    for (const node of byType.values()) {
      if (node.edges.some((edge) => edge.conditions.length > 0)) return null;
      for (const { entry, conditions } of node.entries) {
        if (conditions.length > 0) return null;
        entries.push(entry);
      }
    }
  }
  return entries;
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    // Of two with one name the executor takes the last.
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function applies(
  schema: GraphQLSchema,
  condition: string | undefined,
  type: GraphQLObjectType,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && schema.isSubType(abstract, type);
}

/** An entry for a meta field, which nobody may run. */
function metaEntry(on: GraphQLObjectType, node: FieldNode, level: Level, path: Path): Entry {
  const plan: FieldPlan = {
    coordinate: `${on.name}.${node.name.value}`,
    apiKey: [],
    values: [],
    injected: [],
    selector: null,
    targets: [],
    refused: "introspection",
    needsLibrary: false,
  };
  const field = SchemaMetaFieldDef;
  return { plan, field, node, level, shortcuts: [], path, scope: null };
}
