/** Tells of the user whose stored account or plan may have changed; of all of them with null. */
export type ChangeListener = (userId: string | null) => void;

/** A way to hear of changes; it ends, at the latest half a second after it can no longer hear, by calling `onLost`. */
export interface ChangeChannel {
  close(): void;
}
