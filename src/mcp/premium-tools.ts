import { type Tool, toolOf } from './tool.js';

const GOALS = 'What the learner wants to reach, in their own words; at most 10 of at most 300 characters.';

/**
 * Tools for learners whose plan opens them. They ask a model, or rules where there is none, and are counted by the day.
 */
export const PREMIUM_TOOLS: Tool[] = [
  toolOf('recommendNextChapter', {
    name: 'recommend_next_chapter',
    title: 'Plan a path through a course',
    description:
      'Use this when the learner asks for a plan that fits them: what to study next and why, from what they have done. It answers a next chapter, recommendations with reasons, what to improve and about how long it takes. It needs a plan that has it and counts toward a few uses a day; for simply going on, get_learning_state is enough.',
    arguments: {
      course_id: "The course's id.",
      current_chapter_id: 'The id of the chapter at which the learner is, if you know it.',
      learning_goals: GOALS,
    },
  }),
  toolOf('assessFreeText', {
    name: 'assess_free_text',
    title: 'Grade a free-text answer',
    description:
      "Use this when the learner has answered a quiz's free_text question. It grades the answer against the quiz's own rubric and answers a score, feedback, strengths, misconceptions and what to study. It needs a plan that has it and counts toward some uses a day.",
    arguments: {
      quiz_id: "The quiz's id.",
      question_id: 'The id of a question of that quiz, of the type free_text.',
      user_response: "The learner's answer in their own words, 1 to 4,000 characters, neither shortened nor improved.",
    },
  }),
  toolOf('synthesizeChapters', {
    name: 'synthesize_chapters',
    title: 'Show how chapters belong together',
    description:
      'Use this when the learner wants the big picture over several chapters of a course. It answers concepts that they share, connections, insights and what they are good for in practice. It needs a plan that has it and counts toward a few uses a day.',
    arguments: {
      course_id: "The course's id.",
      chapter_ids: 'The ids of 2 to 10 different chapters of that course, none of them locked.',
      learning_goals: GOALS,
    },
  }),
  toolOf('askMentor', {
    name: 'ask_mentor',
    title: 'Ask the mentor',
    description:
      "Use this when the learner wants to talk something through with the course's mentor. It answers from the course, with teaching points and questions to go on with. Send the session_id of the answer with the learner's next question, so that the mentor remembers. It needs a plan that has it; new sessions are few a day.",
    arguments: {
      course_id: "The course's id.",
      question: "The learner's question, 1 to 2,000 characters.",
      chapter_id: 'The id of the chapter that the question is about, if it is about one.',
      context: 'What else the learner has said that the mentor should know, 1 to 2,000 characters.',
      session_id: 'The session_id of the answer before, to go on with it; left out for a new session.',
    },
  }),
];
