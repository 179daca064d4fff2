import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../src/common/project.js';

/** Whole courses, which lie beside the checkout where they are at hand. */
export const SHARED_COURSES = join(PROJECT_ROOT, '../shared/courses');

export const HAS_SHARED_COURSES = existsSync(SHARED_COURSES);
