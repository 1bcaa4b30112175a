/* The floor of any scan: list the folders below DIR/labels, then open, read and close each file on N threads. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char **names;
static int count, threads, room;
static long total[64];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

static void list(const char *folder) {
  DIR *dir = opendir(folder);
  struct dirent *entry;
  while (dir && (entry = readdir(dir))) {
    if (entry->d_name[0] == '.') continue;
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (entry->d_type == DT_DIR) {
      list(path);
      continue;
    }
    if (count == room) names = realloc(names, (room = room ? 2 * room : 4096) * sizeof *names);
    names[count++] = strdup(path);
  }
  if (dir) closedir(dir);
}

static int order(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void *work(void *arg) {
  long which = (long)arg, bytes = 0;
  char *buffer = malloc(1 << 20);
  for (int i = (long)count * which / threads; i < (long)count * (which + 1) / threads; i++) {
    int file = open(names[i], O_RDONLY);
    bytes += read(file, buffer, 1 << 20);
    close(file);
  }
  free(buffer);
  total[which] = bytes;
  return 0;
}

int main(int argc, char **argv) {
  threads = argc > 2 ? atoi(argv[2]) : 1;
  char path[4096];
  snprintf(path, sizeof path, "%s/labels", argv[1]);
  double start = now();
  list(path);
  qsort(names, count, sizeof *names, order);
  pthread_t pool[64];
  long bytes = 0;
  for (long i = 0; i < threads; i++) pthread_create(&pool[i], 0, work, (void *)i);
  for (int i = 0; i < threads; i++) {
    pthread_join(pool[i], 0);
    bytes += total[i];
  }
  printf("{\"ms\": %.3f, \"files\": %d, \"bytes\": %ld}\n", now() - start, count, bytes);
}
