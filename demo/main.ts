import { fetchApi } from './fetch-api.js';
import { lead } from './lead.js';

void lead(fetchApi);
