import { MAX_OPTIONS, MAX_QUESTIONS } from './package-schema.js';
import { shorten, suggestion } from './wording.js';
import { fieldOf, type Path, type YamlSource } from './yaml-source.js';

/**
 * The mistakes that no single field shows: answers that are no options, options or ids that stand twice. They are
 * looked for in the raw value, so that one broken field does not hide another.
 */
export function checkQuestions(source: YamlSource): void {
  const questions = fieldOf(source.value, 'questions');
  if (!Array.isArray(questions)) return;
  if (questions.length > MAX_QUESTIONS) {
    source.reportAt(['questions'], `questions: must hold 1 to ${MAX_QUESTIONS} questions, not ${questions.length}`);
  }
  const seen = new Set<unknown>();
  questions.slice(0, MAX_QUESTIONS).forEach((question: unknown, index) => {
    const at: Path = ['questions', index];
    const id = fieldOf(question, 'id');
    if (typeof id === 'string' && seen.has(id))
      source.reportAt([...at, 'id'], `the question id '${shorten(id)}' stands twice`);
    seen.add(id);
    checkOptions(source, question, at);
  });
}

/** The quiz with no more questions than are allowed, so that a check of it ends in time. */
export function withinLimits({ value }: YamlSource): unknown {
  const questions = fieldOf(value, 'questions');
  if (!Array.isArray(questions) || questions.length <= MAX_QUESTIONS) return value;
  return { ...(value as object), questions: questions.slice(0, MAX_QUESTIONS) as unknown[] };
}

/** Tells a chapter_id that no chapter of the package has. */
export function checkChapter(source: YamlSource, chapterIds: string[]): void {
  const chapterId = fieldOf(source.value, 'chapter_id');
  if (typeof chapterId !== 'string' || chapterIds.includes(chapterId)) return;
  const message = `chapter_id: there is no chapter '${shorten(chapterId)}'${suggestion(chapterId, chapterIds)}`;
  source.reportAt(['chapter_id'], message);
}

function checkOptions(source: YamlSource, question: unknown, at: Path): void {
  const options = fieldOf(question, 'options');
  if (!Array.isArray(options) || options.length > MAX_OPTIONS) return;
  const known = options.filter((option) => typeof option === 'string');
  refuseTwins(source, options, [...at, 'options'], 'the option ');
  const checkOption = (path: Path, value: string, what: string) => {
    if (known.includes(value)) return;
    source.reportAt(path, `${what} '${shorten(value)}' is not one of the options${suggestion(value, known)}`);
  };

  const answer = fieldOf(question, 'correct_answer');
  const answerAt = [...at, 'correct_answer'];
  if (typeof answer === 'string') checkOption(answerAt, answer, 'the correct_answer');
  if (Array.isArray(answer)) {
    if (answer.length === 0) source.reportAt(answerAt, 'at least one option must be right');
    answer.slice(0, MAX_OPTIONS).forEach((item: unknown, index) => {
      if (typeof item === 'string') checkOption([...answerAt, index], item, 'the correct_answer');
    });
    refuseTwins(source, answer, answerAt, '');
  }
  const explanations = fieldOf(question, 'option_explanations');
  if (typeof explanations === 'object' && explanations !== null && !Array.isArray(explanations)) {
    for (const option of Object.keys(explanations)) {
      checkOption([...at, 'option_explanations', option], option, 'the explained option');
    }
  }
}

/** Reports each text that stands twice. @param what goes before it in the message, such as `the option ` */
function refuseTwins(source: YamlSource, items: unknown[], at: Path, what: string): void {
  const seen = new Set<unknown>();
  items.slice(0, MAX_OPTIONS + 1).forEach((item, index) => {
    if (typeof item === 'string' && seen.has(item))
      source.reportAt([...at, index], `${what}'${shorten(item)}' stands twice`);
    seen.add(item);
  });
}
