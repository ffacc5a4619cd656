// A process that was frozen goes on with the timers that it had, and some runtimes drop them with the request.
const MOST_ANSWERS = 16;

/**
 * Makes a clock of seconds that may be asked at every verification: reading the real one takes a tenth of it. It is a
 * second late at most, or for 15 answers where timers stand still.
 *
 * @param now - The clock, in Unix milliseconds.
 */
export function createSeconds(now: () => number): () => number {
  let seconds = 0;
  let answers = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function expire(): void {
    timer = undefined;
    answers = 0;
  }

  return () => {
    if (answers > 0) {
      answers--;
      return seconds;
    }
    answers = MOST_ANSWERS - 1;
    seconds = Math.floor(now() / 1000);
    timer ??= setTimeout(expire, 1000);
    // A process that has nothing else to do ends.
    (timer as { unref?: () => void }).unref?.();
    return seconds;
  };
}
