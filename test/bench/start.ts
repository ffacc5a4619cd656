/** What guarding a schema of 1,000 fields takes at start-up, against building that schema. */
import { buildSchema } from "graphql";
import { accessDirectives } from "../../src/graphql/directives.js";
import { createGuard } from "../../src/graphql/guard.js";
import { compare, type Batch } from "./measure.js";
import { answer, ratioRow } from "./rows.js";

const TYPES = 90;
const indexes = Array.from({ length: TYPES }, (_, i) => i);

/** 90 types of 10 fields each, and 100 root fields. */
const sdl = `${accessDirectives}
  type Query {
    ${indexes.map((i) => `list${i}(organizationId: ID! @organization, libraryId: ID! @library, filter: Filter${i}): [Type${i}!]!`).join("\n")}
  }
  type Mutation {
    ${indexes
      .slice(0, 10)
      .map(
        (i) =>
          `change${i}(organizationId: ID! @organization, libraryId: ID! @library, name: String): Type${i}`,
      )
      .join("\n")}
  }
  ${indexes.map(typeOf).join("\n")}
`;

function typeOf(i: number): string {
  const next = (i + 1) % TYPES;
  const names = ["name", "title", "text", "url", "color", "note", "kind"];
  return `
    type Type${i} @inLibrary(organization: "organizationId", id: "libraryId") {
      id: ID!
      ${names.map((name) => `${name}: String`).join("\n")}
      next: Type${next}
      all(first: Int): [Type${next}!]
    }
    input Filter${i} { text: String after: Int inside: Filter${next} }
  `;
}

const schema = buildSchema(sdl);
let kept: unknown;

const build: Batch = (times) => {
  for (let i = 0; i < times; i++) kept = buildSchema(sdl);
  return kept;
};
const guard: Batch = (times) => {
  for (let i = 0; i < times; i++) kept = createGuard(schema);
  return kept;
};

answer([
  ratioRow(
    "start",
    "createGuard, to buildSchema (1,000 fields)",
    await compare(build, guard, 101),
    1,
  ),
]);
