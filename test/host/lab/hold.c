// hold: takes memory as it is told on standard input, one line each, and keeps it until it ends.
//
// `anonymous KIB` and `shared KIB` (shared memory) are taken and touched a little at a time; after each line it prints `held`.
// Ends at the end of its input.
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { step = 64 << 10 };

int main(void) {
  char kind[16];
  long kib;
  while (scanf("%15s %ld", kind, &kib) == 2) {
    int flags = MAP_ANONYMOUS | (strcmp(kind, "shared") == 0 ? MAP_SHARED : MAP_PRIVATE);
    for (long left = kib << 10; left > 0; left -= step) {
      char *memory = mmap(NULL, step, PROT_READ | PROT_WRITE, flags, -1, 0);
      if (memory == MAP_FAILED) return 1;
      memset(memory, 1, step);
    }
    puts("held");
    fflush(stdout);
  }
  return 0;
}
