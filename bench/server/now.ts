/** A time that all processes of this machine share, in ms, finer than a millisecond. */
export const now = (): number => performance.timeOrigin + performance.now()
