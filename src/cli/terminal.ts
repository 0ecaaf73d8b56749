/** What the commands have in common. */

export type ExitCode = 0 | 1 | 2

interface Output {
  write(text: string): unknown
}

/** Where a command writes to. */
export interface Terminal {
  readonly stdout: Output
  readonly stderr: Output
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
