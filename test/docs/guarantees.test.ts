/** The README says what holds, and which command shows it. */
import { describe, expect, test } from 'vitest'
import { choicesOf, namedIn, rowsOf, sectionOf } from './support.js'

describe('the table of guarantees', () => {
  const section = sectionOf('Exactly once')
  const [table = ''] = /^\| message \|[\s\S]*?\n\n/m.exec(section) ?? []
  const rows = rowsOf(table).slice(1)
  const marks = new Map(
    [...section.matchAll(/^- \*\*(\w)\*\* `([^`]+)`/gm)].map(([, mark = '', command = '']) => [mark, command]),
  )

  test('says for each kind of message what holds, and which command shows it', () => {
    expect(rows).toHaveLength(7)
    const shown = rows.flatMap(([message = '', ...cells]) =>
      cells.map((cell) => ({ message, marks: /<sup>([\w ]+)<\/sup>$/.exec(cell)?.[1]?.split(' ') ?? [] })),
    )
    expect(shown).toHaveLength(21)
    expect(shown.filter((cell) => cell.marks.length === 0)).toEqual([])
    const used = new Set(shown.flatMap((cell) => cell.marks))
    expect([...used].sort()).toEqual([...marks.keys()])
  })

  test('has one command for each mark', () => {
    const commands = [...marks.values()]
    expect(commands.filter((command) => !/^npm (run chaos|test) -- /.test(command))).toEqual([])
    expect(new Set(commands).size).toBe(commands.length)
  })

  test('knows every reason for which a session is lost', () => {
    const [why = ''] = /^`why` a session[\s\S]*?\n\n/m.exec(section) ?? []
    const reasons = choicesOf('LossReason', 'src/core/session/plugin.ts')
    expect([...namedIn(why)].filter((name) => reasons.includes(name)).sort()).toEqual(reasons.sort())
  })
})
