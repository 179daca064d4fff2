/** Of every answer but files, pages and what is no body at all. */
export const JSON_TYPE = 'application/json; charset=utf-8';
