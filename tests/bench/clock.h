/* What a stretch of work cost this process, or the processes that it started. */
#ifndef TESTS_BENCH_CLOCK_H
#define TESTS_BENCH_CLOCK_H

struct cost {
    double wall_s, cpu_s;
};

/* A point to measure from. */
struct cost clock_now(void);
struct cost clock_since(struct cost start);

/* The most memory this process ever held, in bytes. */
double clock_peak_bytes(void);

/* Sorts the samples; returns the one that `percent` of them do not exceed. */
double clock_percentile(double *samples, unsigned n, unsigned percent);

/* Inflates every .gz file below `path` with zcat, into nothing. Ends the program on failure. */
struct cost clock_zcat(const char *path);

#endif
