/** A row of docs/reliability.md, one way in which it is provoked, and what came of it. */
export interface Line {
  row: string;
  provoked: string;
  held: 'held' | 'NOT HELD' | 'not run';
  /** Null where it was not run. */
  seconds: number | null;
  figure: string;
}

/** Prints lines as they come, in columns. */
export class Table {
  private readonly width: number;

  /** @param provoked all that will stand in the column of that name */
  constructor(provoked: string[]) {
    this.width = Math.max('provoked'.length, ...provoked.map(({ length }) => length));
    this.write('row', 'provoked', 'held', 'took', 'figure');
  }

  print({ row, provoked, held, seconds, figure }: Line): void {
    this.write(row, provoked, held, seconds === null ? '' : `${seconds.toFixed(0)} s`, figure);
  }

  private write(row: string, provoked: string, held: string, took: string, figure: string): void {
    console.log(`${row.padEnd(8)} ${provoked.padEnd(this.width)}  ${held.padEnd(8)} ${took.padStart(6)}  ${figure}`);
  }
}
