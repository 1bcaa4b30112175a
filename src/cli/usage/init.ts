export const usage = `
usage: sluice init [DIR] --sluice OWNER/NAME@COMMIT --owner @LOGIN [options]

Writes gates, pipelines, channels and specs to start from, thin workflows that call sluice's own at one commit, and the
code owners of all that decides. A file that is there is never changed.

  DIR                          root of the repository (default: where you are)
  --sluice OWNER/NAME@COMMIT   a release commit of sluice, 40 hexadecimal digits
  --version V                  its version, as a comment beside the commit (default v0.1.0)
  --owner @LOGIN               who approves changes of policy: a login or @ORGANISATION/TEAM; may be repeated
  --data PATH                  folder of the data set (default data/main)
  --whole                      Data set, Promotion and Train whole, not as calls: secrets of an environment reach no call
  --dry-run                    only say what would be written

After it: docs/install.md, from the second step on.`
