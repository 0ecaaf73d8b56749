import { defineConfig } from 'vitest/config'

/** Tests that start programs take them one at a time, so that two cores suffice, and after the unit tests. */
const system = (name: string, groupOrder: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    sequence: { groupOrder },
  },
})

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{browser,interop,packaging}/**'],
          sequence: { groupOrder: 0 },
        },
      },
      system('browser', 1),
      system('interop', 2),
      system('packaging', 3),
    ],
    coverage: {
      include: ['src/**/*.ts'],
      reporter: [['text', { skipFull: true }]],
      reportOnFailure: true,
      thresholds: { lines: 95, branches: 95 },
    },
  },
})
