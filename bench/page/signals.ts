/** What the server says to a page beside numbers from 1: with these it has it begin, and end. */
export const BEGIN = 0
export const END = -1
