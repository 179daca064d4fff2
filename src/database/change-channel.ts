/** Is told of what may have changed. */
export interface ChangeListener {
  /** The stored account or plan of this user; of all of them with null. */
  user(userId: string | null): void;
  /** Courses, chapters, quizzes, or what is searched of them. */
  content(): void;
}

/** A way to hear of changes; it ends, at the latest half a second after it can no longer hear, by calling `onLost`. */
export interface ChangeChannel {
  close(): void;
}
