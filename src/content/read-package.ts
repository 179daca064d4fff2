import { basename } from 'node:path';
import { ID_PATTERN, ID_RULE } from '../common/ids.js';
import type { Question } from '../quizzes/question.js';
import { longProgress, warnOfLength } from './answer-length.js';
import { missingFrontMatter, readingMinutes, splitChapter } from './chapter-source.js';
import type { CoursePackage, PackageChapter, PackageCourse, PackageIds, PackageQuiz } from './course-package.js';
import { findActiveMarkup } from './markup.js';
import { compareNames, type PackageFile, readPackageFiles } from './package-files.js';
import { courseSchema, frontMatterSchema, type QuestionSource, quizSchema } from './package-schema.js';
import { error, hasErrors, type Problem, warning } from './problem.js';
import { checkChapter, checkQuestions, withinLimits } from './quiz-checks.js';
import { fieldOf, YamlSource } from './yaml-source.js';

export interface ReadPackage {
  /** The folder's course; undefined where a mistake was found. */
  package?: CoursePackage;
  /** The ids that the package gives, even where it has mistakes. */
  ids: PackageIds<PlacedId>;
  /** Every mistake and every warning, by file and line. */
  problems: Problem[];
}

/** An id, and where it stands. */
export interface PlacedId {
  id: string;
  file: string;
  line: number;
}

interface Read<T> {
  id: string;
  source: YamlSource;
  /** Undefined where a mistake was found. */
  value?: T;
}

/**
 * Reads and checks a course package.
 * @throws what the file system says if the folder cannot be read
 */
export async function readPackage(folder: string): Promise<ReadPackage> {
  const files = await readPackageFiles(folder);
  const check = new PackageCheck(files.problems);
  const course = files.course && check.course(files.course);
  const chapters = check.chapters(files.chapters, files.unread);
  const quizzes = check.quizzes(files.quizzes);
  const problems = check.allProblems();
  const isGood = course && !hasErrors(problems);
  return { package: isGood ? { course, chapters, quizzes } : undefined, ids: check.ids, problems };
}

/**
 * Checks one package: first its course, then its chapters, then its quizzes, as the ids of each go into those of the
 * next and a quiz must name a chapter.
 */
class PackageCheck {
  private readonly sources: YamlSource[] = [];
  readonly ids: PackageIds<PlacedId> = { course: '', chapters: [], quizzes: [] };
  /** Whether the id of some chapter cannot be known, so that no quiz can be blamed for naming it. */
  private hasUnknownChapter = false;

  constructor(private readonly problems: Problem[]) {}

  allProblems(): Problem[] {
    return [...this.problems, ...this.sources.flatMap((source) => source.problems)].sort(
      (a, b) => compareNames(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0),
    );
  }

  course({ path, text }: PackageFile): PackageCourse | undefined {
    const source = this.track(new YamlSource(path, text));
    const read = source.read(courseSchema);
    this.ids.course = givenId(source) ?? '';
    warnOfActiveMarkup(source);
    warnOfLength(source, read);
    return (
      read && {
        id: read.id,
        title: read.title,
        description: read.description,
        prerequisites: read.prerequisites,
        language: read.language ?? null,
        license: read.license ?? null,
        source: read.source ?? null,
        estimatedHours: read.estimated_hours ?? null,
        published: read.published,
      }
    );
  }

  chapters(files: PackageFile[], unread: string[]): PackageChapter[] {
    if (files.length + unread.length === 0) {
      this.problems.push(error('chapters', undefined, 'holds no chapter; a course needs one'));
    }
    this.hasUnknownChapter = unread.length > 0 || this.ids.course === '';
    const chapters = files.flatMap((file) => this.chapter(file) ?? []);
    this.refuseDuplicates(chapters, 'chapter');
    this.ids.chapters.push(...chapters.map(toPlacedId));
    // The sort is stable: where `order` says nothing, the files' natural order stays.
    return chapters.sort((a, b) => a.order - b.order).flatMap(({ value }) => value ?? []);
  }

  quizzes(files: PackageFile[]): PackageQuiz[] {
    const chapterIds = this.ids.chapters.map(({ id }) => id);
    const quizzes = files.map((file) => this.quiz(file, chapterIds));
    this.refuseDuplicates(quizzes, 'quiz');
    this.ids.quizzes.push(...quizzes.map(toPlacedId));
    this.problems.push(...longProgress(this.ids));
    return quizzes.flatMap(({ value }) => value ?? []);
  }

  private chapter(file: PackageFile): (Read<PackageChapter> & { order: number }) | undefined {
    const parts = splitChapter(file);
    if (!parts) {
      this.problems.push(error(file.path, 1, missingFrontMatter(file)));
      this.hasUnknownChapter = true;
      return undefined;
    }
    const { content, contentOffset } = parts;
    const source = this.track(parts.frontMatter);
    const read = source.read(frontMatterSchema);
    this.hasUnknownChapter ||= !source.isReadable;
    const id = givenId(source) ?? this.idOfName(this.ids.course, source);
    for (const { line, what } of findActiveMarkup(content)) {
      this.problems.push(warning(file.path, line + contentOffset, activeMarkupWarning(what)));
    }
    warnOfLength(source, read);
    if (content.trim() === '') this.problems.push(warning(file.path, undefined, 'has no text'));
    const value = read && {
      id,
      title: read.title,
      content,
      isPremium: read.premium,
      estimatedMinutes: read.estimated_minutes ?? readingMinutes(content),
    };
    return { id, source, order: read?.order ?? Number.MAX_VALUE, value };
  }

  private quiz({ path, text }: PackageFile, chapterIds: string[]): Read<PackageQuiz> {
    const source = this.track(new YamlSource(path, text));
    const read = source.read(quizSchema, withinLimits(source));
    const id = givenId(source) ?? this.idOfName(`${this.ids.course}-quiz`, source);
    checkQuestions(source);
    if (!this.hasUnknownChapter) checkChapter(source, chapterIds);
    warnOfActiveMarkup(source);
    warnOfLength(source, read);
    const value = read && {
      id,
      chapterId: read.chapter_id,
      title: read.title,
      passingScore: read.passing_score,
      isPremium: read.premium,
      reveal: read.reveal,
      questions: read.questions.map(toQuestion),
    };
    return { id, source, value };
  }

  private track(source: YamlSource): YamlSource {
    this.sources.push(source);
    return source;
  }

  private idOfName(prefix: string, source: YamlSource): string {
    const id = defaultId(prefix, source.file);
    if (this.ids.course !== '' && !ID_PATTERN.test(id)) {
      source.reportAt([], `the file's name makes the id '${id}', which ${ID_RULE}: rename the file or give an id`);
    }
    return id;
  }

  private refuseDuplicates(items: Read<unknown>[], what: string): void {
    const first = new Map<string, string>();
    for (const { id, source } of items) {
      const other = first.get(id);
      if (other === undefined) first.set(id, source.file);
      else source.reportAt(['id'], `the ${what} id '${id}' is already that of ${other}`);
    }
  }
}

/** The id that a file has if it gives none: the prefix, and its name without number and ending. */
function defaultId(prefix: string, path: string): string {
  const name = basename(path).replace(/\.[a-z]+$/, '');
  return `${prefix}-${name.replace(/^\d+[-_. ]+/, '')}`;
}

/** The id that the file gives, if it is one. */
function givenId({ value }: YamlSource): string | undefined {
  const id = fieldOf(value, 'id');
  return typeof id === 'string' && ID_PATTERN.test(id) ? id : undefined;
}

function toPlacedId({ id, source }: Read<unknown>): PlacedId {
  return { id, file: source.file, line: source.lineOf(['id']) };
}

function warnOfActiveMarkup(source: YamlSource): void {
  source.forEachText((text, at) => {
    for (const { what } of findActiveMarkup(text)) source.warnAt(at, activeMarkupWarning(what));
  });
}

function activeMarkupWarning(what: string): string {
  return `holds ${what}; it is served as it is, so whoever renders it must sanitise it`;
}

function toQuestion(source: QuestionSource): Question {
  const { id, question, points } = source;
  const base = { id, question, points, ...(source.explanation !== undefined && { explanation: source.explanation }) };
  switch (source.type) {
    case 'single_choice':
      return { ...base, type: source.type, correctAnswer: source.correct_answer, ...toChoices(source) };
    case 'multiple_choice':
      return { ...base, type: source.type, correctAnswer: source.correct_answer, ...toChoices(source) };
    case 'true_false':
      return { ...base, type: source.type, correctAnswer: source.correct_answer };
    case 'short_text':
      return {
        ...base,
        type: source.type,
        correctAnswer: source.correct_answer,
        acceptedAnswers: source.accepted_answers,
      };
    case 'numeric':
      return { ...base, type: source.type, correctAnswer: source.correct_answer, tolerance: source.tolerance };
    case 'ordering':
      return { ...base, type: source.type, options: source.options };
    case 'free_text':
      return { ...base, type: source.type, rubric: source.rubric, correctAnswer: source.correct_answer };
  }
}

interface ChoicesSource {
  options: string[];
  option_explanations?: Record<string, string>;
}

function toChoices({ options, option_explanations: optionExplanations }: ChoicesSource) {
  return { options, ...(optionExplanations && { optionExplanations }) };
}
