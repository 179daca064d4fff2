import type { Question, Reveal } from '../quizzes/question.js';

/** A course as its author wrote it, checked and with every default filled in. */
export interface CoursePackage {
  course: PackageCourse;
  /** In the course's order. */
  chapters: PackageChapter[];
  /** By file name, in natural order. */
  quizzes: PackageQuiz[];
}

export interface PackageCourse {
  id: string;
  title: string;
  description: string;
  prerequisites: string[];
  language: string | null;
  license: string | null;
  source: string | null;
  estimatedHours: number | null;
  published: boolean;
}

export interface PackageChapter {
  id: string;
  title: string;
  content: string;
  isPremium: boolean;
  estimatedMinutes: number;
}

export interface PackageQuiz {
  id: string;
  chapterId: string;
  title: string;
  passingScore: number;
  isPremium: boolean;
  reveal: Reveal;
  questions: Question[];
}

/** The ids that a package gives. */
export interface PackageIds<Id = { id: string }> {
  /** Empty where it gives none. */
  course: string;
  chapters: Id[];
  quizzes: Id[];
}
