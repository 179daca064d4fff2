import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ID_PATTERN } from '../common/ids.js';
import { VERSION } from '../common/project.js';

const DESCRIPTION = `The backend of Course Companion, a tutor that never sleeps: courses, their chapters and what comes next.

Every error has one shape, ErrorDto, and every answer carries an \`X-Request-Id\`.
Lists are bare arrays; \`X-Total-Count\` and \`Link\` tell of the rest.`;

/** An id in a path: its rule, and one that the sample course has. */
const PATH_IDS: Record<string, { description: string; example: string }> = {
  course_id: { description: "The course's id.", example: 'modern-python-with-typing' },
  chapter_id: { description: "The chapter's id.", example: 'modern-python-with-typing-why-types' },
};

/** The OpenAPI 3.1 document of the application. */
export function buildOpenApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Course Companion')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .addServer('/', 'This server')
    .addTag('Courses', 'What can be studied.')
    .addTag('Chapters', "A course's text, and what comes next.")
    .addTag('Service', 'What the service is and how it does.')
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false });
  describePathIds(document);
  const license = { name: 'All rights reserved', identifier: 'LicenseRef-All-Rights-Reserved' };
  return { ...document, info: { ...document.info, license, contact: { name: 'Course Companion' } }, security: [] };
}

function describePathIds({ paths }: OpenAPIObject): void {
  for (const { get } of Object.values(paths)) {
    for (const parameter of get?.parameters ?? []) {
      if (!('in' in parameter) || parameter.in !== 'path') continue;
      Object.assign(parameter, PATH_IDS[parameter.name], { schema: { type: 'string', pattern: ID_PATTERN.source } });
    }
  }
}
