/** What a row of the drill found. */
export interface Finding {
  /** Whether what must hold held. */
  held: boolean;
  /** What was measured, in one line. */
  figure: string;
}
