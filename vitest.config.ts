import { defineConfig } from 'vitest/config'

/** Tests that start programs come after the unit tests, and take one at a time, so that two cores suffice. */
const system = (folder: string, groupOrder: number, maxWorkers = 1) => ({
  name: folder,
  include: [`test/${folder}/**/*.test.ts`],
  maxWorkers,
  testTimeout: 60_000,
  hookTimeout: 120_000,
  sequence: { groupOrder },
})

/** The browser tests in one engine. Three files at a time, of whichever engine: browsers wait more than they work. */
const browser = (engine: 'chromium' | 'firefox' | 'webkit') => ({
  test: { ...system('browser', 1, 3), name: `browser-${engine}`, provide: { engine } },
})

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{browser,drop-in,frameworks,interop,packaging,site}/**'],
          sequence: { groupOrder: 0 },
        },
      },
      browser('chromium'),
      browser('firefox'),
      browser('webkit'),
      { test: system('interop', 2) },
      { test: system('drop-in', 2) },
      { test: system('frameworks', 3) },
      { test: system('site', 3) },
      { test: system('packaging', 4) },
    ],
    coverage: {
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true }]],
      reportOnFailure: true,
      thresholds: { lines: 95, branches: 95 },
    },
  },
})
