import { Entity, JoinColumn, ManyToOne } from 'typeorm';
import { Chapter } from '../chapters/chapter.entity.js';
import { Course } from '../courses/course.entity.js';
import {
  BooleanColumn,
  IntegerColumn,
  JsonColumn,
  KeyColumn,
  NumberColumn,
  ReferenceColumn,
  TextColumn,
  TimestampColumn,
} from '../database/columns.js';
import { Timestamped } from '../database/timestamped.js';
import type { Question, Reveal } from './question.js';

@Entity('quizzes')
export class Quiz extends Timestamped {
  @KeyColumn()
  id: string;

  @ReferenceColumn()
  courseId: string;

  @ManyToOne(() => Course)
  @JoinColumn({ name: 'course_id' })
  course?: Course;

  @ReferenceColumn()
  chapterId: string;

  @ManyToOne(() => Chapter)
  @JoinColumn({ name: 'chapter_id' })
  chapter: Pick<Chapter, 'id' | 'title' | 'isPremium'>;

  @TextColumn()
  title: string;

  /** The place among the course's quizzes, from 1. */
  @IntegerColumn()
  position: number;

  @JsonColumn()
  questions: Question[];

  /** The least score, 0 to 1, that passes. */
  @NumberColumn()
  passingScore: number;

  /** Whether the quiz itself is marked premium; a quiz of a premium chapter is premium too. */
  @BooleanColumn()
  isPremium: boolean;

  @TextColumn()
  reveal: Reveal;

  /** When an import took the quiz away, where learners' records still name it. */
  @TimestampColumn({ nullable: true })
  retiredAt: Date | null;
}

/** A quiz is premium if it or its chapter is. */
export function isPremiumQuiz({ isPremium, chapter }: Quiz): boolean {
  return isPremium || chapter.isPremium;
}
