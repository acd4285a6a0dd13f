// observe: says each half second what has become of the machine and of the containers of Docker on it, from memory of its own.
//
// It is locked in memory and exempt from the OOM killer. A line: uptime in seconds, PSI memory full (avg10, percent; total,
// ms), MemAvailable and the pages of files in KB, OOM kills since the boot, how many containers have a process (cgroup v2,
// systemd's names), how many of them stand still, and the longest time in which it was not run although it was due.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const char *const slice = "/sys/fs/cgroup/system.slice";
static const double tick = 0.1, told_every = 0.5;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now); // the clock of /proc/uptime
  return now.tv_sec + now.tv_nsec / 1e9;
}

// Returns 0 where there is none: a container may go between two steps.
static int read_file(const char *path, char *text, size_t size) {
  int file = open(path, O_RDONLY);
  ssize_t count = file < 0 ? -1 : read(file, text, size - 1);
  if (file >= 0) close(file);
  text[count < 0 ? 0 : count] = 0;
  return count >= 0;
}

static double number_after(const char *text, const char *label) {
  const char *found = strstr(text, label);
  if (!found) fail(label);
  return strtod(found + strlen(label), NULL);
}

static void count_containers(int *populated, int *frozen) {
  static char text[4096], path[4096];
  *populated = *frozen = 0;
  DIR *folder = opendir(slice);
  if (!folder) fail(slice);
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (strncmp(entry->d_name, "docker-", 7) != 0 || !strstr(entry->d_name, ".scope")) continue;
    snprintf(path, sizeof path, "%s/%s/cgroup.events", slice, entry->d_name);
    if (!read_file(path, text, sizeof text) || !strstr(text, "populated 1")) continue;
    *populated += 1;
    if (strstr(text, "frozen 1")) *frozen += 1;
  }
  closedir(folder);
}

int main(void) {
  static char text[16384];
  if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) fail("mlockall");
  int adjustment = open("/proc/self/oom_score_adj", O_WRONLY);
  if (adjustment < 0 || write(adjustment, "-1000", 5) != 5) fail("oom_score_adj");
  close(adjustment);
  double told_at = 0, last_at = seconds(), late = 0;
  int before = -1;
  for (;;) {
    usleep(tick * 1e6);
    double now = seconds();
    if (now - last_at - tick > late) late = now - last_at - tick;
    last_at = now;
    int populated, frozen;
    count_containers(&populated, &frozen);
    // A change is told at once.
    int state = populated * 1000 + frozen;
    if (state == before && now - told_at < told_every) continue;
    before = state;
    told_at = now;
    if (!read_file("/proc/pressure/memory", text, sizeof text)) fail("/proc/pressure/memory");
    double full = number_after(text, "full avg10=");
    double total = number_after(strstr(text, "full"), "total=") / 1000;
    if (!read_file("/proc/meminfo", text, sizeof text)) fail("/proc/meminfo");
    double available = number_after(text, "MemAvailable:");
    double file = number_after(text, "\nActive(file):") + number_after(text, "\nInactive(file):");
    if (!read_file("/proc/vmstat", text, sizeof text)) fail("/proc/vmstat");
    double kills = number_after(text, "\noom_kill ");
    printf("observed %.2f full=%.2f total=%.0f available=%.0f file=%.0f oomKills=%.0f containers=%d frozen=%d late=%.2f\n",
           now, full, total, available, file, kills, populated, frozen, late);
    fflush(stdout);
    late = 0;
  }
}
