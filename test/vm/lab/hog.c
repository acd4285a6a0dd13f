// Two ways to need memory, under any name:
//   hog NAME allocate MB MS   takes 1 MB every MS milliseconds until it has MB, then keeps it
//   hog NAME read FILE        maps FILE, as a program maps its own code, and touches every page of it for ever
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void allocate(long megabytes, long milliseconds) {
  for (long i = 0; i < megabytes; i++) {
    char *memory = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) fail("mmap");
    memset(memory, 1, 1 << 20);
    usleep(milliseconds * 1000);
  }
  for (;;) pause();
}

static void read_for_ever(const char *path) {
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) fail(path);
  volatile char *text = mmap(NULL, status.st_size, PROT_READ, MAP_SHARED, file, 0);
  if (text == MAP_FAILED) fail("mmap");
  for (;;)
    for (off_t i = 0; i < status.st_size; i += 4096) (void)text[i];
}

int main(int count, char **arguments) {
  if (count < 4) {
    fprintf(stderr, "usage: hog NAME allocate MB MS | hog NAME read FILE\n");
    return 2;
  }
  prctl(PR_SET_NAME, arguments[1], 0, 0, 0);
  if (strcmp(arguments[2], "read") == 0) read_for_ever(arguments[3]);
  allocate(atol(arguments[3]), count > 4 ? atol(arguments[4]) : 0);
}
