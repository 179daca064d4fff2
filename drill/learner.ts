import { randomBytes, randomUUID } from 'node:crypto';
import { type Answer, type Ask, ask } from '../bench/client.js';
import { COURSE, QUIZ } from './sample-course.js';

interface Quota {
  used: number;
  remaining: number;
}

/** Someone with an account who uses the API. */
export class Learner {
  private constructor(
    private readonly url: string,
    readonly id: string,
    readonly email: string,
    private readonly token: string,
  ) {}

  /** @throws if the account cannot be made */
  static async register(url: string): Promise<Learner> {
    const learner = await Learner.tryToRegister(url);
    if (learner instanceof Learner) return learner;
    throw new Error(`Nobody can register: ${learner.status} ${learner.failure ?? learner.text}`);
  }

  /** @returns the learner, or the answer that was no account */
  static async tryToRegister(url: string): Promise<Learner | Answer> {
    const username = `drill-${randomBytes(8).toString('hex')}`;
    const email = `${username}@example.com`;
    const body = { email, username, password: `secret of ${username}` };
    const answer = await ask(`${url}/api/v1/auth/register`, { method: 'POST', body });
    if (answer.status !== 201) return answer;
    const { user, access_token } = JSON.parse(answer.text) as { user: { id: string }; access_token: string };
    return new Learner(url, user.id, email, access_token);
  }

  get(path: string, options: Ask = {}): Promise<Answer> {
    return ask(`${this.url}/api/v1/${path}`, { ...options, headers: this.headers });
  }

  post(path: string, body?: unknown, options: Ask = {}): Promise<Answer> {
    return ask(`${this.url}/api/v1/${path}`, { ...options, method: 'POST', body, headers: this.headers });
  }

  complete(chapterId: string, options: Ask = {}): Promise<Answer> {
    return this.post(`progress/me/courses/${COURSE}/chapters/${chapterId}`, undefined, options);
  }

  submit(submissionId: string = randomUUID(), options: Ask = {}): Promise<Answer> {
    const body = { quiz_id: QUIZ, submission_id: submissionId, answers: { 'q3-checker-runs': false } };
    return this.post('quizzes/submit', body, options);
  }

  progress(options: Ask = {}): Promise<Answer> {
    return this.get(`progress/me/courses/${COURSE}`, options);
  }

  /** Uses the feature that asks a model and keeps quotas. */
  askMentor(question = 'What is a type?'): Promise<Answer> {
    return this.post('hybrid/mentor-session', { course_id: COURSE, question });
  }

  /** What the day holds of such questions. */
  async mentorQuota(): Promise<Quota> {
    const { text } = await this.get('hybrid/usage/me');
    return (JSON.parse(text) as { quotas: { mentor_sessions: Quota } }).quotas.mentor_sessions;
  }

  /** What is sent as `Authorization`. */
  get authorization(): string {
    return `Bearer ${this.token}`;
  }

  private get headers(): Record<string, string> {
    return { authorization: this.authorization };
  }
}
