// eat MB PER_SECOND: takes so much memory, so much of it each second, and then holds it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const size_t piece = 1 << 20;

int main(int count, char **arguments) {
  long pieces = count == 3 ? atol(arguments[1]) : 0, per_second = count == 3 ? atol(arguments[2]) : 0;
  if (pieces < 1 || per_second < 1) {
    fprintf(stderr, "usage: eat MB PER_SECOND\n");
    return 2;
  }
  struct timespec between = {0, 999999999 / per_second};
  for (long i = 0; i < pieces; i++) {
    char *taken = malloc(piece);
    if (!taken) return 1;
    memset(taken, 1, piece);
    nanosleep(&between, NULL);
  }
  for (;;) pause();
}
