/** For TypeDoc: a module is called as it is imported, such as `holdfast/contract`. */
import path from 'node:path'
import { Converter, ReflectionKind } from 'typedoc'

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    reflection.name = path.posix.join('holdfast', reflection.name.replace(/^(index|addons)\b/, ''))
  })
}
