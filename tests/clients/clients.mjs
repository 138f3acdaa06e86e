// The clients under test. They live in the user's cache, outside the checkout, so they are looked up from there (see `run`).
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.PERCH_CLIENTS}/package.json`);

export const OpenAI = require('openai').OpenAI;

// No retries: a second try would hide what the first one got.
export function openai(daemon) {
  return new OpenAI({ baseURL: `${daemon.url}/v1`, apiKey: 'none', maxRetries: 0, timeout: 60_000 });
}
