import { Entity } from 'typeorm';
import { IntegerColumn, SerialColumn, TextColumn } from '../database/columns.js';

/** A word of the catalogue, as it is written but for case and accents. */
@Entity('search_words')
export class SearchWord {
  @SerialColumn()
  id: number;

  @TextColumn()
  word: string;

  /** What the entries are found by. */
  @TextColumn()
  stem: string;

  /** What is left of it with letters taken out, between spaces. */
  @TextColumn()
  variants: string;

  /** How many entries hold it. */
  @IntegerColumn()
  entries: number;

  /** How many of them are for everyone or for those without a plan, who must learn nothing of the others. */
  @IntegerColumn()
  openEntries: number;
}
