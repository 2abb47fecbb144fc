#include "tests/bench/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

struct cost clock_now(void)
{
    struct timespec now;
    struct rusage used;
    clock_gettime(CLOCK_MONOTONIC, &now);
    getrusage(RUSAGE_SELF, &used);
    return (struct cost){(double)now.tv_sec + (double)now.tv_nsec / 1e9,
                         seconds(used.ru_utime) + seconds(used.ru_stime)};
}

struct cost clock_since(struct cost start)
{
    struct cost now = clock_now();
    return (struct cost){now.wall_s - start.wall_s, now.cpu_s - start.cpu_s};
}

double clock_peak_bytes(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_maxrss * 1024;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

double clock_percentile(double *samples, unsigned n, unsigned percent)
{
    qsort(samples, n, sizeof(*samples), compare);
    unsigned at = n * percent / 100;
    return samples[at < n ? at : n - 1];
}

struct cost clock_zcat(const char *path)
{
    static const char script[] =
        "find \"$1\" -type f -name '*.gz' -print0 | xargs -0 -r zcat > /dev/null";
    struct cost start = clock_now();
    pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", script, "sh", path, (char *)NULL);
        _exit(127);
    }
    int status;
    struct rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
        fprintf(stderr, "bench: zcat failed on %s\n", path);
        exit(1);
    }
    return (struct cost){clock_since(start).wall_s,
                         seconds(used.ru_utime) + seconds(used.ru_stime)};
}
