/** One slice of `npm run fuzz`, on the graphql that it was bundled with: writes a tally and what went wrong, as JSON. */
import fc from "fast-check";
import { holds, newTally, samples } from "./sample.js";

/** Documents of a schema, and requests of each document: schemas are the dear part. */
const SIZE = { documents: 10, requests: 3 };

const [seed, cases] = process.argv.slice(2).map(Number) as [number, number];
const tally = newTally();
const checked = await fc.check(
  fc.asyncProperty(samples(SIZE), (sample) => holds(sample, tally, false)),
  { seed, numRuns: Math.ceil(cases / (SIZE.documents * SIZE.requests)) },
);
const message = await fc.asyncDefaultReportMessage(checked);
const failure = checked.failed ? `${message}\n\n${String(checked.errorInstance)}` : null;
process.stdout.write(JSON.stringify({ tally, failure }));
