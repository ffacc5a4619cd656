/** Runs something, and answers what was rejected meanwhile and handled by nobody: it would have ended the process. */
export async function rejectionsOf(run: () => Promise<unknown>): Promise<readonly unknown[]> {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);
  process.on("unhandledRejection", note);
  await run();
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  return rejections;
}
