// allocate KIND MEGABYTES FOLDER FILE…: takes memory of one kind, and shows what the files said before and after.
//
// Prints each FILE four times, as `=== MOMENT FILE` and its text: `quiet`, a moment later `before`, then with the memory
// taken `after`, and a moment later `later`. From `quiet` to `before` and from `after` to `later` only others can have
// changed anything. What it takes goes when it ends, however it ends, but for huge pages and zram devices: those it gives
// back itself. FOLDER is empty; it is mounted over in a mount namespace of its own. Needs root.
// Ends with 3 and a line on standard error where memory of that kind cannot be had here.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { moments = 4, most_text = 2 << 20, most_files = 16, still_us = 300000 };
static const long megabyte = 1 << 20;
static const char *moment_names[moments] = {"quiet", "before", "after", "later"};

static char text[moments][most_text];
static size_t text_size[moments];
static const char *files[most_files];
static int file_count;
static const char *folder;
static long huge_pages_before = -1;
static int zram_device = -1;
static char zram_file[64];
static int page_cache_file = -1;

static long number_in(const char *path) {
  char word[32] = "";
  int file = open(path, O_RDONLY);
  ssize_t count = file < 0 ? -1 : read(file, word, sizeof word - 1);
  if (file >= 0) close(file);
  return count <= 0 ? -1 : atol(word);
}

static int write_number(const char *path, long number) {
  char word[32];
  int size = snprintf(word, sizeof word, "%ld", number);
  int file = open(path, O_WRONLY);
  ssize_t count = file < 0 ? -1 : write(file, word, size);
  if (file >= 0) close(file);
  return count == size ? 0 : -1;
}

static void give_back(void) {
  if (huge_pages_before >= 0) write_number("/proc/sys/vm/nr_hugepages", huge_pages_before);
  if (zram_device >= 0) write_number("/sys/class/zram-control/hot_remove", zram_device);
}

static void end_at_signal(int number) {
  give_back();
  _exit(128 + number);
}

static void cannot(const char *format, ...) {
  int error = errno;
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, error ? ": %s\n" : "\n", strerror(error));
  give_back();
  exit(3);
}

static void look(int moment) {
  // Each processor counts for itself for a while: this adds all up (since 4.7).
  write_number("/proc/sys/vm/stat_refresh", 1);
  char *to = text[moment];
  size_t room = most_text;
  for (int i = 0; i < file_count; i++) {
    int file = open(files[i], O_RDONLY);
    if (file < 0) continue;
    int size = snprintf(to, room, "=== %s %s\n", moment_names[moment], files[i] + 1);
    ssize_t count = size;
    do {
      to += count;
      room -= count;
    } while ((count = read(file, to, room)) > 0);
    close(file);
  }
  text_size[moment] = most_text - room;
}

static char *mapped(size_t size, int protection, int flags) {
  char *memory = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  if (memory == MAP_FAILED) cannot("mmap");
  return memory;
}

static void mount_own(const char *kind) {
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) cannot("a mount namespace");
  if (mount(kind, folder, kind, 0, NULL) < 0) cannot("mount %s", kind);
}

static void fill(int file, long megabytes) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  for (long i = 0; i < megabytes; i++)
    if (write(file, block, sizeof block) != sizeof block) cannot("write");
}

static void anonymous(long megabytes) { memset(mapped(megabytes * megabyte, PROT_READ | PROT_WRITE, 0), 1, megabytes * megabyte); }

static void locked(long megabytes) {
  if (mlock(mapped(megabytes * megabyte, PROT_READ | PROT_WRITE, 0), megabytes * megabyte) < 0) cannot("mlock");
}

// A file that nobody else can see, that goes with this program, and that is on the disk only.
static void write_file(long megabytes) {
  page_cache_file = open(folder, O_TMPFILE | O_RDWR, 0600);
  if (page_cache_file < 0) cannot("open");
  fill(page_cache_file, megabytes);
  if (fsync(page_cache_file) < 0) cannot("fsync");
  errno = posix_fadvise(page_cache_file, 0, 0, POSIX_FADV_DONTNEED);
  if (errno != 0) cannot("posix_fadvise");
}

// Reads it: a page that is written has its buffer heads besides, a tenth of it where blocks are small.
static void page_cache(long megabytes) {
  static char block[1 << 20];
  for (long i = 0; i < megabytes; i++)
    if (pread(page_cache_file, block, sizeof block, i * megabyte) != sizeof block) cannot("read");
}

static void tmpfs(long megabytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/file", folder);
  int file = open(path, O_CREAT | O_RDWR, 0600);
  if (file < 0) cannot("open");
  fill(file, megabytes);
}

// Half of them are used, the others are only set aside.
static void huge_pages(long megabytes) {
  const long size = 2 * megabyte;
  long count = megabytes * megabyte / size, before = number_in("/proc/sys/vm/nr_hugepages");
  if (before < 0) cannot("nr_hugepages");
  huge_pages_before = before;
  if (write_number("/proc/sys/vm/nr_hugepages", before + count) < 0) cannot("nr_hugepages");
  long got = number_in("/proc/sys/vm/nr_hugepages") - before;
  errno = 0;
  if (got < count) cannot("only %ld of %ld huge pages", got, count);
  memset(mapped(count / 2 * size, PROT_READ | PROT_WRITE, MAP_HUGETLB), 1, count / 2 * size);
}

// What one object of a slab cache takes, with what its slab loses. From /proc/slabinfo.
static double object_bytes(const char *cache) {
  static char line[512];
  FILE *file = fopen("/proc/slabinfo", "r");
  double bytes = 0;
  while (file && fgets(line, sizeof line, file)) {
    char name[64];
    long size, per_slab, pages;
    if (sscanf(line, "%63s %*d %*d %ld %ld %ld", name, &size, &per_slab, &pages) == 4 && strcmp(name, cache) == 0)
      bytes = (double)pages * getpagesize() / per_slab;
  }
  if (file) fclose(file);
  errno = 0;
  if (bytes == 0) cannot("no cache %s in /proc/slabinfo", cache);
  return bytes;
}

// Empty files in ramfs: an inode and a name each, both of which the kernel counts as reclaimable, and nothing on a disk.
static void inodes(long megabytes) {
  long count = megabytes * megabyte / (object_bytes("inode_cache") + object_bytes("dentry"));
  if (chdir(folder) < 0) cannot("chdir");
  for (long i = 0; i < count; i++) {
    char name[24];
    snprintf(name, sizeof name, "%ld", i);
    if (mknod(name, S_IFREG | 0600, 0) < 0) cannot("mknod");
  }
}

// Reads what nobody wrote: the one page of zeros is mapped everywhere, so that only the tables take memory.
static void page_tables(long megabytes) {
  long page = getpagesize(), entries = page / 8;
  long count = megabytes * megabyte / page;
  char *memory = mapped(count * entries * page, PROT_READ, MAP_NORESERVE);
  madvise(memory, count * entries * page, MADV_NOHUGEPAGE);
  for (long i = 0; i < count; i++) (void)((volatile char *)memory)[i * entries * page];
}

static int sleep_for_ever(void *nothing) {
  (void)nothing;
  for (;;) pause();
  return 0;
}

// They share one stack in user space: each does the same few steps on it and then sleeps for ever.
static void threads(long megabytes) {
  static char stack[16384] __attribute__((aligned(16)));
  const long kernel_stack = 16384;
  const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
  long count = megabytes * megabyte / kernel_stack;
  for (long i = 0; i < count; i++)
    if (clone(sleep_for_ever, stack + sizeof stack, flags, NULL) < 0) cannot("thread %ld of %ld", i, count);
}

// A BPF map: a table in vmalloc.
static void vmalloc(long megabytes) {
  struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_MEMLOCK, &unlimited);
  union bpf_attr map;
  memset(&map, 0, sizeof map);
  map.map_type = BPF_MAP_TYPE_ARRAY;
  map.key_size = 4;
  map.value_size = megabyte;
  map.max_entries = megabytes;
  if (syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) < 0) cannot("a BPF map");
}

static void add_zram(long megabytes) {
  long device = number_in("/sys/class/zram-control/hot_add");
  if (device < 0) cannot("no zram here");
  zram_device = device;
  char path[64];
  snprintf(path, sizeof path, "/sys/block/zram%ld/disksize", device);
  if (write_number(path, megabytes * megabyte) < 0) cannot("disksize");
  snprintf(zram_file, sizeof zram_file, "/sys/block/zram%ld/mm_stat", device);
  files[file_count++] = zram_file;
}

// Random bytes, which cannot be made smaller.
static void zram(long megabytes) {
  char path[64];
  snprintf(path, sizeof path, "/dev/zram%d", zram_device);
  int file = open(path, O_WRONLY | O_DIRECT), random = open("/dev/urandom", O_RDONLY);
  if (file < 0 || random < 0) cannot("%s", path);
  char *block = mapped(megabyte, PROT_READ | PROT_WRITE, 0);
  for (long i = 0; i < megabytes; i++) {
    for (long got = 0; got < megabyte;) got += read(random, block + got, megabyte - got);
    if (write(file, block, megabyte) != megabyte) cannot("write");
  }
  munmap(block, megabyte);
  close(random);
  close(file);
}

static const struct {
  const char *name;
  void (*take)(long megabytes);
  const char *mounted;
  void (*prepare)(long megabytes);
} kinds[] = {
    {"anonymous", anonymous, NULL, NULL},
    {"locked", locked, NULL, NULL},
    {"page-cache", page_cache, NULL, write_file},
    {"tmpfs", tmpfs, "tmpfs", NULL},
    {"inodes", inodes, "ramfs", NULL},
    {"huge-pages", huge_pages, NULL, NULL},
    {"page-tables", page_tables, NULL, NULL},
    {"threads", threads, NULL, NULL},
    {"vmalloc", vmalloc, NULL, NULL},
    {"zram", zram, NULL, add_zram},
};

int main(int count, char **arguments) {
  size_t kind = 0, all = sizeof kinds / sizeof *kinds;
  while (count > 3 && kind < all && strcmp(kinds[kind].name, arguments[1]) != 0) kind++;
  if (count < 4 || count > 4 + most_files - 1 || kind == all) {
    fprintf(stderr, "usage: allocate KIND MEGABYTES FOLDER FILE...\n");
    return 2;
  }
  long megabytes = atol(arguments[2]);
  folder = arguments[3];
  for (int i = 4; i < count; i++) files[file_count++] = arguments[i];
  signal(SIGTERM, end_at_signal);
  signal(SIGINT, end_at_signal);
  signal(SIGHUP, end_at_signal);
  memset(text, 1, sizeof text);
  if (kinds[kind].mounted) mount_own(kinds[kind].mounted);
  if (kinds[kind].prepare) kinds[kind].prepare(megabytes);
  sync();
  usleep(still_us);
  look(0);
  usleep(still_us);
  look(1);
  kinds[kind].take(megabytes);
  look(2);
  usleep(still_us);
  look(3);
  for (int moment = 0; moment < moments; moment++) fwrite(text[moment], 1, text_size[moment], stdout);
  fflush(stdout);
  give_back();
  _exit(0);
}
