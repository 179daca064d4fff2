import { nearest } from './package-schema.js';
import type { Path, YamlSource } from './yaml-source.js';

/**
 * The mistakes that no single field shows: answers that are no options, options or ids that stand twice. They are
 * looked for in the raw value, so that one broken field does not hide another.
 */
export function checkQuestions(source: YamlSource): void {
  const questions = fieldOf(source.value, 'questions');
  if (!Array.isArray(questions)) return;
  const seen = new Set<unknown>();
  questions.forEach((question: unknown, index) => {
    const at: Path = ['questions', index];
    const id = fieldOf(question, 'id');
    if (typeof id === 'string' && seen.has(id)) source.reportAt([...at, 'id'], `the question id '${id}' stands twice`);
    seen.add(id);
    checkOptions(source, question, at);
  });
}

/** Tells a chapter_id that no chapter of the package has. */
export function checkChapter(source: YamlSource, chapterIds: string[], courseId: string): void {
  const chapterId = fieldOf(source.value, 'chapter_id');
  if (typeof chapterId !== 'string' || chapterIds.includes(chapterId)) return;
  // As long as the course has no id, a chapter's default id is known by its end alone.
  if (courseId === '' && chapterIds.some((id) => chapterId.endsWith(id))) return;
  const guess = nearest(chapterId, chapterIds);
  const hint = guess ? `; is '${guess}' meant?` : '';
  source.reportAt(['chapter_id'], `chapter_id: there is no chapter '${chapterId}'${hint}`);
}

function checkOptions(source: YamlSource, question: unknown, at: Path): void {
  const options = fieldOf(question, 'options');
  if (!isTexts(options)) return;
  options.forEach((option, index) => {
    if (options.indexOf(option) < index) source.reportAt([...at, 'options', index], `the option '${option}' stands twice`);
  });
  const isOption = (path: Path, value: string, what: string) => {
    if (options.includes(value)) return;
    const guess = nearest(value, options);
    source.reportAt(path, `${what} '${value}' is not one of the options${guess ? `; is '${guess}' meant?` : ''}`);
  };

  const answer = fieldOf(question, 'correct_answer');
  if (typeof answer === 'string') isOption([...at, 'correct_answer'], answer, 'the correct_answer');
  if (isTexts(answer)) {
    if (answer.length === 0) source.reportAt([...at, 'correct_answer'], 'at least one option must be right');
    answer.forEach((item, index) => {
      isOption([...at, 'correct_answer', index], item, 'the correct_answer');
      if (answer.indexOf(item) < index) source.reportAt([...at, 'correct_answer', index], `'${item}' stands twice`);
    });
  }
  const explanations = fieldOf(question, 'option_explanations');
  if (typeof explanations === 'object' && explanations !== null && !Array.isArray(explanations)) {
    for (const option of Object.keys(explanations)) {
      isOption([...at, 'option_explanations', option], option, 'the explained option');
    }
  }
}

export function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
