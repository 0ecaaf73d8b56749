/** Runs tasks, a few at a time. Gives their results in the order of the tasks; rejects with the first error. */
export async function inPool<Task, Result>(
  tasks: readonly Task[],
  atOnce: number,
  run: (task: Task) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = tasks.entries()
  const work = async (): Promise<void> => {
    // All workers take from the same iterator.
    for (const [at, task] of waiting) results[at] = await run(task)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
