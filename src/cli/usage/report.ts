export const usage = `usage: sluice report FOLDER
sluice report --history [REPOSITORY] [options]

Renders the page of a story folder (.sluice/demo) again, from the documents that the story left there. With --history:
every release of a repository (annotated tags MODEL@vX.Y.Z) with its scores and their intervals, from the manifests that
the tags name and the evidence that these name by digest. REPOSITORY is a story folder too, or the folder you are in.

  --tags PATTERN    tags of releases, default *@*
  --evidence DIR    a folder with evidence; again for every one
  --html FILE       a page with a chart of each metric
  --json FILE       the same numbers

  sluice report --history --evidence runs --html history.html`
