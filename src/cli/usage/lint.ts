export const usage = `
usage: sluice lint FILE [options]

Reads a training configuration (a pipeline, a YAML of Ultralytics arguments, or any file with \`yolo train\` commands) and
names settings that do not do what they seem to. Of a results.csv it says what cannot be: cut rows, losses that are no
numbers, epochs that do not rise, metrics outside 0 to 1. Exit code 1 when an error is among them.

  --epochs N        of a results.csv: how many were asked for; fewer are told
  --rules           lists the rules
  --json FILE       findings with file and line      --evidence FILE   the whole document
`
