/**
 * The answer, unless it takes longer than this. Where the process itself was late, an answer may be there that has not
 * been read yet: it is read before who was asked is found to be slow.
 * @throws Error after that time
 */
export async function inTime<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const giveUp = () => reject(new Error('no answer in time'));
    timer = setTimeout(() => setImmediate(giveUp), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
