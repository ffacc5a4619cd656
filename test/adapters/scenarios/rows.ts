/** All rows, chapter by chapter. */
import type { Row } from "./row.js";
import { attacks } from "./attacks.js";
import { inputs } from "./inputs.js";
import { objects } from "./objects.js";
import { operations } from "./operations.js";
import { shape } from "./shape.js";
import { streams } from "./streams.js";
import { targets } from "./targets.js";
import { time } from "./time.js";
import { transport } from "./transport.js";
import { values } from "./values.js";

export const rows: readonly Row[] = [
  ...shape,
  ...values,
  ...inputs,
  ...targets,
  ...operations,
  ...objects,
  ...streams,
  ...time,
  ...transport,
  ...attacks,
];
