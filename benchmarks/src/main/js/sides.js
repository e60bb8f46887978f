// workerpool's side of the benchmarks: pools of Node's processes. See sides.py for the protocol.
'use strict';

const readline = require('node:readline');
const workerpool = require('workerpool');

const ITEMS = 100_000;
const ARRAYS = 64;
const MIB = 1 << 20;

const methods = {
  nothing: () => 0,
  increment: (x) => x + 1,
  incrementAll: (chunk) => chunk.map((x) => x + 1),
  itself: (x) => x,
};

function pool(processes) {
  return workerpool.pool(__filename, {
    workerType: 'process',
    minWorkers: processes,
    maxWorkers: processes,
    forkOpts: { serialization: 'advanced' },
  });
}

function check(found, expected) {
  if (found !== expected) throw new Error(`${found} instead of ${expected}`);
}

async function timed(work) {
  const start = process.hrtime.bigint();
  await work();
  return process.hrtime.bigint() - start;
}

/** Has work done n times. */
function repeated(work) {
  return (n) =>
    timed(async () => {
      for (let i = 0; i < n; i++) await work();
    });
}

const works = {
  start: () =>
    repeated(async () => {
      const one = pool(1);
      check(await one.exec('nothing'), 0);
      await one.terminate();
    }),

  apply: () => {
    const two = pool(2);
    return async (n) => {
      let total = 0;
      const spent = await timed(async () => {
        for (let i = 0; i < n; i++) total += await two.exec('increment', [i]);
      });
      check(total, (n * (n + 1)) / 2);
      return spent;
    };
  },

  'map-chunk-1': () => {
    const two = pool(2);
    const items = Array.from({ length: ITEMS / 10 }, (_, i) => i);
    return repeated(async () => {
      const results = await Promise.all(items.map((x) => two.exec('increment', [x])));
      check(results.reduce((a, b) => a + b), (items.length * (items.length + 1)) / 2);
    });
  },

  'map-chunk-100': () => {
    const two = pool(2);
    const chunks = Array.from({ length: ITEMS / 100 }, (_, c) =>
      Array.from({ length: 100 }, (_, i) => 100 * c + i),
    );
    return repeated(async () => {
      const results = await Promise.all(chunks.map((c) => two.exec('incrementAll', [c])));
      check(results.flat().reduce((a, b) => a + b), (ITEMS * (ITEMS + 1)) / 2);
    });
  },

  'map-1mib': () => {
    const two = pool(2);
    const items = Array.from({ length: ARRAYS }, () => new Uint8Array(MIB));
    return repeated(async () => {
      const results = await Promise.all(items.map((x) => two.exec('itself', [x])));
      check(results.reduce((sum, x) => sum + x.length, 0), ARRAYS * MIB);
    });
  },
};

async function serve(name) {
  const run = works[name]();
  console.log('ready');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    try {
      console.log(`ok ${await run(Number(line.split(' ')[1]))}`);
    } catch (e) {
      console.log(`error ${String(e).replaceAll('\n', ' ')}`);
    }
  }
  process.exit(0); // its workers go with it
}

if (process.send) {
  workerpool.worker(methods);
} else {
  serve(process.argv[2]);
}
