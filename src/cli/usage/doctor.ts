export const usage = `
usage: sluice doctor [--repository OWNER/NAME] [options]

Asks every tool that sluice starts for its version; GPU and TensorRT are optional. With a repository it reads its settings
on GitHub instead and says what is unsafe or missing, with the setting to change; it changes nothing.

  --repository OWNER/NAME   needs GITHUB_TOKEN, of somebody who administers it: others may not see every setting
  --api URL                 GitHub Enterprise Server (default: GITHUB_API_URL, else api.github.com)
  --json FILE               the settings' findings

  exit code: 0 all is well · 1 a setting is unsafe · 3 some cannot be seen with this token · 4 a tool is missing`
