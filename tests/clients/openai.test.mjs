// The official OpenAI SDK against a daemon: what it parses, what it throws, and a tool round trip with the demo model.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { OpenAI, openai } from './clients.mjs';
import { demoDaemon, fakeDaemon } from './daemon.mjs';

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather for a city',
    parameters: { type: 'object', properties: { city: { type: 'string', description: 'City name' } }, required: ['city'] },
  },
};
const greeting = [{ role: 'user', content: 'Hello! Who are you?' }];

function assertUsage(usage) {
  assert.ok(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
  assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe('openai SDK with the demo models', () => {
  let daemon, client, resident;
  before(async () => {
    daemon = await demoDaemon();
    client = openai(daemon);
    resident = (await client.models.retrieve('default')).perch.model;
  });
  after(() => daemon?.stop());

  it('lists the roles and the models behind them', async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    for (const name of ['default', 'quickest', 'most-capable', resident]) assert.ok(ids.includes(name), `${name} is not in ${ids}`);
  });

  it('chats', async () => {
    const { data: answer, response } = await client.chat.completions.create({ model: 'default', messages: greeting, temperature: 0 }).withResponse();
    assert.equal(answer.object, 'chat.completion');
    assert.equal(answer.model, resident);
    assert.equal(response.headers.get('x-perch-model'), resident);
    assert.equal(response.headers.get('x-perch-requested-model'), 'default');
    assert.equal(answer.choices.length, 1);
    const [choice] = answer.choices;
    assert.equal(choice.index, 0);
    assert.equal(choice.message.role, 'assistant');
    assert.ok(choice.message.content.length > 0);
    assert.equal(choice.finish_reason, 'stop');
    assertUsage(answer.usage);
  });

  it('says that it stopped for length', async () => {
    const answer = await client.chat.completions.create({ model: 'default', messages: greeting, temperature: 0, max_tokens: 2 });
    assert.equal(answer.choices[0].finish_reason, 'length');
    assert.equal(answer.usage.completion_tokens, 2);
  });

  it('streams what it would have answered whole', async () => {
    const whole = await client.chat.completions.create({ model: 'default', messages: greeting, temperature: 0 });
    const chunks = await collect(
      await client.chat.completions.create({ model: 'default', messages: greeting, temperature: 0, stream: true, stream_options: { include_usage: true } }),
    );
    const usage = chunks.pop();
    assert.deepEqual(usage.choices, []);
    assertUsage(usage.usage);
    assert.equal(new Set([...chunks, usage].map((chunk) => chunk.id)).size, 1);
    for (const chunk of chunks) {
      assert.equal(chunk.object, 'chat.completion.chunk');
      assert.equal(chunk.model, resident);
      assert.equal(chunk.usage, null);
      assert.equal(chunk.choices.length, 1);
    }
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    const reasons = chunks.map((chunk) => chunk.choices[0].finish_reason);
    assert.equal(reasons.pop(), 'stop');
    assert.ok(reasons.every((reason) => reason === null));
    assert.ok(chunks.length > 3, 'the answer came in one piece');
    assert.equal(chunks.map((chunk) => chunk.choices[0].delta.content ?? '').join(''), whole.choices[0].message.content);
  });

  it('streams no usage to who has not asked for it', async () => {
    const chunks = await collect(await client.chat.completions.create({ model: 'default', messages: greeting, temperature: 0, stream: true }));
    assert.ok(chunks.every((chunk) => chunk.choices.length === 1 && !chunk.usage));
  });

  for (const stream of [false, true]) {
    it(`makes a tool round trip, ${stream ? 'streaming' : 'whole'}`, async () => {
      const messages = [{ role: 'user', content: 'What is the weather in Paris?' }];
      const ask = { model: 'default', tools: [weather], temperature: 0 };
      // The SDK's stream helper puts the deltas of a call together as agents do.
      const answer = (text) => (stream ? client.chat.completions.stream({ ...ask, messages: text }).finalChatCompletion() : client.chat.completions.create({ ...ask, messages: text }));

      const asked = (await answer(messages)).choices[0];
      assert.equal(asked.finish_reason, 'tool_calls');
      assert.equal(asked.message.tool_calls.length, 1);
      const [call] = asked.message.tool_calls;
      assert.equal(call.type, 'function');
      assert.ok(call.id);
      assert.equal(call.function.name, 'get_weather');
      assert.deepEqual(JSON.parse(call.function.arguments), { city: 'Paris' });

      messages.push(asked.message, { role: 'tool', tool_call_id: call.id, content: JSON.stringify({ temperature: 17, conditions: 'cloudy' }) });
      const told = (await answer(messages)).choices[0];
      assert.equal(told.finish_reason, 'stop');
      assert.match(told.message.content, /17/);
      assert.match(told.message.content, /cloudy/i);
    });
  }

  it('answers from another model after a change', async () => {
    const other = (await client.models.retrieve('most-capable')).perch.model;
    const answer = await client.chat.completions.create({ model: 'most-capable', messages: greeting, temperature: 0 });
    assert.equal(answer.model, other);
    assert.notEqual(other, resident);
  });
});

describe('openai SDK when things go wrong', () => {
  let daemon, client;
  before(async () => {
    daemon = await fakeDaemon({ steady: { tokens: 200, token_ms: 5 } });
    client = openai(daemon);
  });
  after(() => daemon?.stop());

  it('throws NotFoundError for an unknown model and names the nearest', async () => {
    const asking = client.chat.completions.create({ model: 'defualt', messages: greeting });
    await assert.rejects(asking, (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError, `${error}`);
      assert.equal(error.status, 404);
      assert.equal(error.code, 'model_not_found');
      assert.match(error.message, /default/);
      return true;
    });
  });

  it('throws BadRequestError for a field of the wrong type and names it', async () => {
    await assert.rejects(client.chat.completions.create({ model: 7, messages: greeting }), (error) => {
      assert.ok(error instanceof OpenAI.BadRequestError, `${error}`);
      assert.equal(error.param, 'model');
      return true;
    });
  });

  it('throws when the worker dies in the middle of a stream', async () => {
    const stream = await client.chat.completions.create({ model: 'default', messages: greeting, stream: true });
    let text = '';
    let killed = false;
    await assert.rejects(
      async () => {
        for await (const chunk of stream) {
          text += chunk.choices[0].delta.content ?? '';
          if (!killed && text.includes(':20 ')) killed = process.kill(await daemon.workerPid(), 'SIGKILL');
        }
      },
      (error) => {
        assert.ok(error instanceof OpenAI.APIError, `${error}`);
        assert.equal(error.code, 'worker_crashed');
        return true;
      },
    );
    assert.ok(text.includes(':20 ') && !text.includes(':199 '), 'it was not broken in its middle');
  });

  it('is served again after that', async () => {
    const answer = await client.chat.completions.create({ model: 'default', messages: greeting });
    assert.match(answer.choices[0].message.content, /:199 $/);
  });
});
