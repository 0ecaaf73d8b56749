export { serve } from './echo.js'

export const getToken = (): string => 's3cret'
