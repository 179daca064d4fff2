/** What a drill found out. */
export interface Finding {
  /** Whether what must hold held. */
  held: boolean;
  /** What was measured, in one line. */
  figure: string;
}
