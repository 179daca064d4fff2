/** The items in parts that one statement can take. */
export function* chunks<T>(items: T[], size = 100): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
