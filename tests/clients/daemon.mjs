// A `perch serve` of the test's own, on a port of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = process.env.PERCH_BIN;
const demo = resolve(dirname(fileURLToPath(import.meta.url)), '../../registry/demo');
const START_LIMIT = 30_000;

// With perch-worker and the demo models.
export async function demoDaemon() {
  const registry = JSON.parse(await readFile(join(demo, 'registry.json'), 'utf8'));
  return start('perch-worker', () => ({ ...registry, model_dirs: [demo] }));
}

// With workers that hold no model: `scripts` is model id to how it behaves (see tests/fake_worker/main.cpp).
export async function fakeDaemon(scripts) {
  return start('fake_worker', async (folder) => {
    const catalog = {};
    for (const [id, script] of Object.entries(scripts)) {
      catalog[id] = { artifact: join(folder, `${id}.json`) };
      await writeFile(catalog[id].artifact, JSON.stringify(script));
    }
    return { models: { default: Object.keys(scripts)[0] }, catalog };
  });
}

async function start(worker, makeRegistry) {
  const folder = await mkdtemp(join(tmpdir(), 'pc-'));
  const registry = join(folder, 'registry.json');
  const portFile = join(folder, 'port');
  await writeFile(registry, JSON.stringify(await makeRegistry(folder)));
  const child = spawn(
    join(bin, 'perch'),
    ['serve', '--registry', registry, '--worker', join(bin, worker), '--listen', '127.0.0.1:0', '--port-file', portFile],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, XDG_RUNTIME_DIR: folder, XDG_STATE_HOME: folder } },
  );
  let log = '';
  child.stderr.on('data', (text) => (log = (log + text).slice(-20_000)));
  const deadline = Date.now() + START_LIMIT;
  while (!existsSync(portFile)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the daemon did not start:\n${log}`);
    }
    await new Promise((wake) => setTimeout(wake, 5));
  }
  const url = `http://127.0.0.1:${(await readFile(portFile, 'utf8')).trim()}`;
  return {
    url,
    log: () => log,
    // Of the one worker that runs.
    async workerPid() {
      const status = await (await fetch(`${url}/admin/v1/status`)).json();
      return status.workers.find((running) => running.pid)?.pid;
    },
    async stop() {
      const ended = child.exitCode === null && once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
