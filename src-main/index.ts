import { filesBeside, runShell } from './shell/app.ts'

runShell(filesBeside(import.meta.dirname), process.argv)
