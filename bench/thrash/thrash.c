// thrash SECONDS FILE [PEERS]: makes the machine thrash and holds it there.
//
// Four "programs" map FILE as programs map their own code, and run through functions of it, some far more often than
// others. Beside them memory is taken until next to no page cache is left for code, so that each of them waits for the
// disk, and with them every other program of the machine. It is held where all of them wait for a little less than half of
// the time, which is what the experiment with four Jupyter containers came to: more, and nothing at all goes on any more.
//
// It is locked in memory and exempt from the OOM killer itself. Each second it writes a line: uptime in seconds, PSI memory
// full (avg10), MB taken, MB free, MB of file pages, major faults/s, MB/s read, OOM kills since the boot, and the longest
// time in which it was not run although it was due. After SECONDS it ends, and so does the thrashing.
//
// With PEERS, so many of it run at a time, each in a container: each has its part of the programs, takes and gives memory
// that much more slowly, since all of them look at the same pressure, and is not exempt from the OOM killer.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { programs = 4, tick_ms = 100, most_blocks = 4096 };
static const size_t block = 1 << 20;
static const long page = 4096;
// The kernel reads code from the disk in such pieces (its read-ahead of 128 KB), and maps what is there by halves of it.
static const long function_pages = 32, mapped_pages = 16;
// The programs' code: far more than what is left for it.
static const long code_bytes = 80 << 20;
// PSI memory full (avg10) is held between these. It follows slowly, so memory is taken and given back slowly.
static const double least_percent = 44, most_percent = 48;
// With less file pages than this, in MB, the machine is near.
static const double near_mb = 10;
// With less than this nothing more is taken: somebody would be killed.
static const double least_file_mb = 1;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now); // the clock of /proc/uptime
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void run_program(const char *path, unsigned seed) {
  prctl(PR_SET_NAME, "program", 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  int file = open(path, O_RDONLY);
  // PROT_EXEC: the kernel keeps pages that are run longer than others.
  volatile char *code = mmap(NULL, code_bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  if (file < 0 || code == MAP_FAILED) fail(path);
  long functions = code_bytes / page / function_pages;
  for (;;) {
    // A request runs through four functions. With enough memory this machine is nearly idle.
    for (int call = 0; call < 4; call++) {
      double chance = rand_r(&seed) / (RAND_MAX + 1.0);
      long start = (long)(functions * chance * chance) * function_pages;
      for (long i = 0; i < function_pages; i += mapped_pages / 2) (void)code[(start + i) * page];
    }
    usleep(20000);
  }
}

static void read_file(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY);
  ssize_t count = file < 0 ? -1 : read(file, text, size - 1);
  if (count < 0) fail(path);
  text[count] = 0;
  close(file);
}

static double number_after(const char *text, const char *label) {
  const char *found = strstr(text, label);
  if (!found) fail(label);
  return strtod(found + strlen(label), NULL);
}

struct counters {
  double full_percent, free_mb, file_mb, major_faults, read_mb, oom_kills;
};

static struct counters look(void) {
  static char text[16384];
  struct counters seen;
  read_file("/proc/pressure/memory", text, sizeof text);
  seen.full_percent = number_after(text, "full avg10=");
  read_file("/proc/meminfo", text, sizeof text);
  seen.free_mb = number_after(text, "\nMemFree:") / 1024;
  seen.file_mb = (number_after(text, "\nActive(file):") + number_after(text, "\nInactive(file):")) / 1024;
  read_file("/proc/vmstat", text, sizeof text);
  seen.major_faults = number_after(text, "\npgmajfault ");
  seen.read_mb = number_after(text, "\npgpgin ") / 1024;
  seen.oom_kills = number_after(text, "\noom_kill ");
  return seen;
}

int main(int count, char **arguments) {
  int peers = count == 4 ? atoi(arguments[3]) : 1;
  if (count < 3 || count > 4 || peers < 1 || peers > programs) {
    fprintf(stderr, "usage: thrash SECONDS FILE [PEERS]\n");
    return 2;
  }
  int adjustment = peers > 1 ? -1 : open("/proc/self/oom_score_adj", O_WRONLY);
  if (peers == 1 && (adjustment < 0 || write(adjustment, "-1000", 5) != 5)) fail("oom_score_adj");
  close(adjustment);
  for (int i = 0; i < programs / peers; i++)
    if (fork() == 0) run_program(arguments[2], (peers > 1 ? time(NULL) % 1000 : 0) + i + 1);
  if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) fail("mlockall");

  static char *taken[most_blocks];
  int blocks = 0;
  struct counters told = look(), last = told;
  double start = seconds(), told_at = start, last_at = start, changed_at = start, late = 0, file_mb = told.file_mb;
  for (double now = start; now < start + atof(arguments[1]); last_at = now) {
    usleep(tick_ms * 1000);
    now = seconds();
    if (now - last_at - tick_ms / 1000.0 > late) late = now - last_at - tick_ms / 1000.0;

    struct counters seen = look();
    file_mb += (seen.file_mb - file_mb) / 10;
    double since_change = now - changed_at;
    int change = 0;
    if (seen.oom_kills > last.oom_kills) {
      change = -4 / peers;
      changed_at = now + 10; // whoever was killed has left some as well
    } else if (seen.full_percent > most_percent) {
      change = since_change > 5 * peers ? -1 : 0;
    } else if (seen.free_mb > 120) {
      change = 8 / peers;
    } else if (seen.full_percent < least_percent && file_mb > least_file_mb) {
      // Several that are late cannot be stopped at once: they come near slowly.
      double wait = file_mb <= near_mb ? 2 : peers == 1 ? 0.05 : file_mb < 8 * near_mb ? 0.4 : 0.09;
      change = since_change > wait * peers ? 1 : 0;
    }
    last = seen;
    if (change != 0 && changed_at < now) changed_at = now;
    for (; change > 0 && blocks < most_blocks; change--) {
      // Filled at once, as it is locked.
      char *memory = mmap(NULL, block, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (memory == MAP_FAILED) break;
      taken[blocks++] = memory;
    }
    for (; change < 0 && blocks > 0; change++) munmap(taken[--blocks], block);

    double elapsed = now - told_at;
    if (elapsed < 1) continue;
    printf("%.2f full=%.2f taken=%d free=%.0f file=%.1f majorFaults=%.0f read=%.1f oomKills=%.0f late=%.2f\n", now,
           seen.full_percent, blocks, seen.free_mb, seen.file_mb, (seen.major_faults - told.major_faults) / elapsed,
           (seen.read_mb - told.read_mb) / elapsed, seen.oom_kills, late);
    fflush(stdout);
    told = seen;
    told_at = now;
    late = 0;
  }
  printf("thrash: ended\n");
  return 0;
}
