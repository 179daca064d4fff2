/** Prints a table in Markdown: its heading, then its rows, the first cell of which is a name. */
export function printTable(heading: string[], rows: string[][]): void {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  console.log(`\n${[heading, heading.map(() => '---'), ...rows].map(line).join('\n')}`);
}
