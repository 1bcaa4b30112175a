export const usage = `
usage: sluice split PATH [options]

  PATH             a data set in YOLO form, its images below images/
  --val SHARE      share of images for validation (0.2)
  --test SHARE     share of images for the final test (0)
  --by LIST        what keeps images together: scene, video, camera, uploader (scene,video); equal bytes always do
  --decode         compare pictures too, so that copies that were encoded or sized anew stay together
  --dry-run        say what would be done, write nothing
  --json FILE      counts and measures

Writes splits/train.txt, splits/val.txt and splits/test.txt. Images that have a split keep it: only new ones are
assigned, and new images of an old scene or video follow it.
`
